import * as z from 'zod';
import { apiErrorCodeSchema, reasonSchema } from './codes.ts';
import { imageIdSchema, instantSchema } from './ids.ts';
import { exifSchema, sourceFormatSchema } from './image.ts';
import { familySchema, tierSchema, variantFormatSchema } from './ladder.ts';
import { limits } from './limits.ts';

/** Every error answer of every API. `message` is one sentence; `requestId` is what to quote when asking for help. */
export const errorBodySchema = z.strictObject({
  code: apiErrorCodeSchema,
  message: z.string(),
  requestId: z.string(),
  /** One entry a wrong field, for INVALID_REQUEST. */
  details: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** `POST /uploads`, with an access token of scope `upload`. */
export const createUploadRequestSchema = z.strictObject({
  /** Bytes of the file. */
  size: z.int().positive(),
  /** As the client believes; the bytes decide. */
  contentType: z.string().regex(/^image\/[\w.+-]{1,64}$/),
  filename: z.string().min(1).max(limits.upload.maxFilenameLength).optional(),
  /** Lower-case hex SHA-256 of the file; when given, the stored bytes must have it. */
  sha256: sha256Schema.optional(),
});
export type CreateUploadRequest = z.infer<typeof createUploadRequestSchema>;

export const signedPartSchema = z.strictObject({
  partNumber: z.int().min(1).max(10_000),
  /** Presigned PUT. */
  url: z.url(),
  /** Exact bytes this part must have. */
  size: z.int().positive(),
});
/** How to send the bytes. POST: a form with `fields` in order, then `file` last. Multipart: PUT each part, keep its ETag. */
export const uploadInstructionsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('post'),
    url: z.url(),
    fields: z.record(z.string(), z.string()),
    expiresAt: instantSchema,
  }),
  z.strictObject({
    kind: z.literal('multipart'),
    partSize: z.int().positive(),
    partCount: z.int().positive(),
    /** The first `maxPartsPerSigning` parts; more by `POST /uploads/{id}/parts`. */
    parts: z.array(signedPartSchema),
    expiresAt: instantSchema,
  }),
]);
export type UploadInstructions = z.infer<typeof uploadInstructionsSchema>;

export const createUploadResponseSchema = z.strictObject({
  imageId: imageIdSchema,
  /** Bearer token of all further calls about this upload. */
  uploadToken: z.string(),
  /** When the upload token ends. */
  expiresAt: instantSchema,
  upload: uploadInstructionsSchema,
});
export type CreateUploadResponse = z.infer<typeof createUploadResponseSchema>;

/** `POST /uploads/{id}/sign`: fresh instructions for the same upload, with the upload token. Answers `{ upload }`. */
export const resignResponseSchema = z.strictObject({ upload: uploadInstructionsSchema });

/** `POST /uploads/{id}/parts`. */
export const signPartsRequestSchema = z.strictObject({
  partNumbers: z.array(z.int().min(1).max(10_000)).min(1).max(limits.upload.maxPartsPerSigning),
});
export const signPartsResponseSchema = z.strictObject({ parts: z.array(signedPartSchema), expiresAt: instantSchema });

/** `GET /uploads/{id}/parts?after=N`: what S3 has, in order. `next` is the value for `after`, or null. */
export const listPartsResponseSchema = z.strictObject({
  parts: z.array(z.strictObject({ partNumber: z.int(), etag: z.string(), size: z.int() })),
  next: z.int().nullable(),
});

/** `POST /uploads/{id}/complete`. ETags with or without quotes, parts in any order. Idempotent. */
export const completeUploadRequestSchema = z.strictObject({
  parts: z
    .array(z.strictObject({ partNumber: z.int().min(1).max(10_000), etag: z.string().min(1) }))
    .min(1)
    .max(10_000),
});
export const completeUploadResponseSchema = z.strictObject({ imageId: imageIdSchema, etag: z.string() });

export const publicVariantSchema = z.strictObject({
  url: z.url(),
  family: familySchema,
  tier: tierSchema,
  format: variantFormatSchema,
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
});

/** An image as `GET /images/{id}` and `GET /images` show it. */
export const publicImageSchema = z.strictObject({
  imageId: imageIdSchema,
  status: z.enum(['PROCESSING', 'READY', 'REJECTED', 'FAILED']),
  reason: reasonSchema.nullable(),
  filename: z.string().nullable(),
  /** Bytes of the original. */
  bytes: z.int().nonnegative(),
  format: sourceFormatSchema.nullable(),
  /** Upright pixels of the original; null until known. */
  width: z.int().positive().nullable(),
  height: z.int().positive().nullable(),
  uploadedAt: instantSchema,
  updatedAt: instantSchema,
  dominantColour: z.string().nullable(),
  thumbhash: z.string().nullable(),
  sha256: sha256Schema.nullable(),
  perceptualHash: z.string().nullable(),
  exif: exifSchema.nullable(),
  /** The address to put into a page: the edge picks width and format. Takes `?w=PIXELS`. Null until READY. */
  url: z.url().nullable(),
  variants: z.array(publicVariantSchema),
});
export type PublicImage = z.infer<typeof publicImageSchema>;

/** `GET /images`. Newest first. */
export const listImagesQuerySchema = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).default(50),
  /** `next` of the page before. Opaque. */
  cursor: z.string().optional(),
});
export const listImagesResponseSchema = z.strictObject({
  images: z.array(publicImageSchema),
  next: z.string().nullable(),
});
