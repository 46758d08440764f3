import * as z from 'zod';

/** Why an image is REJECTED: the image's own fault, shown to the client. Stable; new codes may be added. */
export const rejectCodes = {
  EMPTY_FILE: 'the file has no bytes',
  UNSUPPORTED_FORMAT: 'the file is not an image of a format Darkroom takes (JPEG, PNG, WebP, AVIF, GIF, HEIC)',
  HEIC_UNSUPPORTED: 'HEIC is not taken here; send JPEG, or AVIF',
  CORRUPT_HEADER: 'the header of the image cannot be read',
  TRUNCATED_OR_CORRUPT: 'the image data is cut off or damaged; upload it again',
  TOO_LARGE: 'the image has more pixels, or a longer side, than its format may have here',
  TOO_MANY_BYTES: 'the file is larger than the limit',
  TOO_MANY_FRAMES: 'the animation has too many frames',
  TOO_MANY_CHANNELS: 'the image has too many channels',
  TOO_COMPLEX: 'decoding the image takes too long',
  BAD_ASPECT: 'the image is too long and thin to be resized',
  UNSUPPORTED_FEATURE: 'the image uses a feature of its format that is not supported',
  SECURITY_LIMIT: 'the decoder refused the image for its own safety',
  NOT_ALLOWED: 'the image shows what may not be shown here',
  CHECKSUM_MISMATCH: 'the stored bytes are not the bytes the client announced',
} as const;
export type RejectCode = keyof typeof rejectCodes;
export const rejectCodeSchema = z.enum(Object.keys(rejectCodes) as [RejectCode, ...RejectCode[]]);

/** What the REST APIs answer errors with, and the HTTP status of each. Stable; new codes may be added. */
export const apiErrorStatus = {
  INVALID_JSON: 400,
  INVALID_REQUEST: 400,
  TOKEN_MISSING: 401,
  TOKEN_INVALID: 401,
  TOKEN_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  UPLOAD_INCOMPLETE: 409,
  CHECKSUM_MISMATCH: 409,
  UPLOAD_GONE: 410,
  TOO_MANY_BYTES: 413,
  EMPTY_FILE: 400,
  UNSUPPORTED_FORMAT: 415,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;
export type ApiErrorCode = keyof typeof apiErrorStatus;
export const apiErrorCodeSchema = z.enum(Object.keys(apiErrorStatus) as [ApiErrorCode, ...ApiErrorCode[]]);

/**
 * What the `code` of an error answer may be: besides the codes above, the reason code of an image whose first bytes show that
 * it will be refused. A verdict's status is 409, whatever status the same word has above.
 */
export const errorCodeSchema = z.union([apiErrorCodeSchema, rejectCodeSchema]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;
export const VERDICT_STATUS = 409;

/** A reason a client can show. `message` is one sentence in English. */
export const reasonSchema = z.strictObject({
  code: z.union([rejectCodeSchema, z.literal('INTERNAL')]),
  message: z.string(),
});
export type Reason = z.infer<typeof reasonSchema>;
