import * as z from 'zod';
import { errorCodeSchema, reasonSchema } from './codes.ts';
import { imageIdSchema, instantSchema } from './ids.ts';
import {
  captureSchema,
  creditSchema,
  exifSchema,
  focusSchema,
  imageMetadataSchema,
  lookSchema,
  moderationSchema,
  placeSchema,
  reviewSchema,
  sourceFormatSchema,
  tagSchema,
} from './image.ts';
import { familySchema, tierSchema, variantFormatSchema } from './ladder.ts';
import { limits } from './limits.ts';

/** A stretch of a file, in bytes. */
export const byteRangeSchema = z.strictObject({ offset: z.int().nonnegative(), size: z.int().positive() });
export type ByteRange = z.infer<typeof byteRangeSchema>;

/** Every error answer of every API. `message` is one sentence; `requestId` is what to quote when asking for help. */
export const errorBodySchema = z.strictObject({
  code: errorCodeSchema,
  message: z.string(),
  requestId: z.string(),
  /** One entry a wrong field, for INVALID_REQUEST. */
  details: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  /** For UPLOAD_INCOMPLETE and CHECKSUM_MISMATCH of an upload in chunks: what to send (again), in order. */
  resend: z.array(byteRangeSchema).optional(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** A micro-chunk to be signed: it starts on the grid of `chunkUnitBytes` and is a multiple of it, or ends the file. */
export const chunkOrderSchema = byteRangeSchema.extend({
  size: z.int().positive().max(limits.upload.maxChunkBytes),
  /** Lower-case hex SHA-256 of these bytes: it is signed, so that storage takes these bytes and no others. */
  sha256: sha256Schema,
});
export type ChunkOrder = z.infer<typeof chunkOrderSchema>;
const chunkOrdersSchema = z.array(chunkOrderSchema).max(limits.upload.maxPartsPerSigning);

/** How the bytes travel: one form; parts of `partBytes`; chunks of the client's own sizes. */
export const transportSchema = z.enum(['post', 'multipart', 'chunks']);
export type UploadTransport = z.infer<typeof transportSchema>;

/** `POST /uploads`, with an access token of scope `upload`. */
export const createUploadRequestSchema = z.strictObject({
  /** Bytes of the file. */
  size: z.int().positive(),
  /** As the client believes; the bytes decide. */
  contentType: z.string().regex(/^image\/[\w.+-]{1,64}$/),
  filename: z.string().min(1).max(limits.upload.maxFilenameLength).optional(),
  /** Lower-case hex SHA-256 of the file; when given, the stored bytes must have it. */
  sha256: sha256Schema.optional(),
  /** Without it: `post` up to `singlePostMaxBytes`, `multipart` above. Every upload may change to chunks later, without a new call here. */
  transport: transportSchema.optional(),
  /** With transport `chunks`: the first chunks, signed in the same answer. */
  chunks: chunkOrdersSchema.optional(),
  /** With transport `chunks`: the answer also holds a form for the whole file, for a client that knows its link only once it is answered. */
  form: z.boolean().optional(),
});
export type CreateUploadRequest = z.infer<typeof createUploadRequestSchema>;

export const signedPartSchema = z.strictObject({
  partNumber: z.int().min(1).max(10_000),
  /** Presigned PUT. */
  url: z.url(),
  /** Exact bytes this part must have. */
  size: z.int().positive(),
});
export const signedChunkSchema = byteRangeSchema.extend({
  /** Presigned PUT. */
  url: z.url(),
  /** Headers to send with it, exactly; they are signed. */
  headers: z.record(z.string(), z.string()),
});
export type SignedChunk = z.infer<typeof signedChunkSchema>;
/** One form for the whole file: `fields` in order, then `file` last. */
export const postFormSchema = z.strictObject({
  kind: z.literal('post'),
  url: z.url(),
  fields: z.record(z.string(), z.string()),
  expiresAt: instantSchema,
});
export type PostForm = z.infer<typeof postFormSchema>;
/** How to send the bytes. POST: a form with `fields` in order, then `file` last. Multipart: PUT each part, keep its ETag. Chunks: PUT each with its headers. */
export const uploadInstructionsSchema = z.discriminatedUnion('kind', [
  postFormSchema,
  z.strictObject({
    kind: z.literal('multipart'),
    partSize: z.int().positive(),
    partCount: z.int().positive(),
    /** The first `maxPartsPerSigning` parts; more by `POST /uploads/{id}/parts`. */
    parts: z.array(signedPartSchema),
    expiresAt: instantSchema,
  }),
  z.strictObject({
    kind: z.literal('chunks'),
    /** Offsets are multiples of it, and sizes too, but for the end of the file. In bytes. */
    unitBytes: z.int().positive(),
    maxChunkBytes: z.int().positive(),
    /** The chunks that were asked for; more by `POST /uploads/{id}/chunks`. */
    chunks: z.array(signedChunkSchema),
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
  /** When it was asked for: another way to send the same upload. */
  form: postFormSchema.optional(),
});
export type CreateUploadResponse = z.infer<typeof createUploadResponseSchema>;

/** `POST /uploads/{id}/sign`: fresh instructions for the same upload, with the upload token. Answers `{ upload }`. */
export const resignResponseSchema = z.strictObject({ upload: uploadInstructionsSchema });

/** `POST /uploads/{id}/parts`. */
export const signPartsRequestSchema = z.strictObject({
  partNumbers: z.array(z.int().min(1).max(10_000)).min(1).max(limits.upload.maxPartsPerSigning),
});
export const signPartsResponseSchema = z.strictObject({ parts: z.array(signedPartSchema), expiresAt: instantSchema });

/**
 * `POST /uploads/{id}/chunks`, for any upload. As soon as the first 64 KiB are in storage, this call judges them: a hopeless
 * file is answered with 409 and its reason code. `judged`: the client had that judgement already; do not look again.
 */
export const signChunksRequestSchema = z.strictObject({
  chunks: chunkOrdersSchema.min(1),
  judged: z.boolean().optional(),
});
export const signChunksResponseSchema = z.strictObject({
  chunks: z.array(signedChunkSchema),
  /** True once the first bytes have been looked at and found good. */
  judged: z.boolean(),
  expiresAt: instantSchema,
});

/** `GET /uploads/{id}`: what has arrived. */
export const uploadStatusSchema = z.strictObject({
  imageId: imageIdSchema,
  /** Announced bytes. */
  size: z.int().positive(),
  /** `complete`: the original is stored; nothing is left to send. */
  state: z.enum(['open', 'complete']),
  /** Chunks (or parts) in storage, by offset; they may overlap after a change of sizes. Empty once complete. */
  received: z.array(byteRangeSchema),
  /** ETag of the original once complete, else null. */
  etag: z.string().nullable(),
  /** When the upload token ends. */
  expiresAt: instantSchema,
});
export type UploadStatus = z.infer<typeof uploadStatusSchema>;

/** `GET /uploads/{id}/parts?after=N`: what S3 has, in order. `next` is the value for `after`, or null. */
export const listPartsResponseSchema = z.strictObject({
  parts: z.array(z.strictObject({ partNumber: z.int(), etag: z.string(), size: z.int() })),
  next: z.int().nullable(),
});

/**
 * `POST /uploads/{id}/complete` for chunks. `sha256` is of the whole file; `chunks` lists what the client sent, so that a bad
 * chunk can be named. Idempotent.
 */
export const completeChunksRequestSchema = z.strictObject({
  sha256: sha256Schema.optional(),
  chunks: z.array(chunkOrderSchema).max(10_000).optional(),
});
/** `POST /uploads/{id}/complete` for parts. ETags with or without quotes, parts in any order. Idempotent. */
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
  status: z.enum(['PROCESSING', 'READY', 'REJECTED', 'REVIEW', 'FAILED']),
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
  // Null where nobody wrote it into the file, and for images that were developed before it was read.
  capture: captureSchema.nullable(),
  credit: creditSchema.nullable(),
  /** Null, too, unless the tenant's policy keeps it. */
  place: placeSchema.nullable(),
  /** The most common colour first. */
  palette: imageMetadataSchema.shape.palette.unwrap().nullable(),
  look: lookSchema.nullable(),
  /** The point that a crop should keep, and that squares are cut around. */
  focus: focusSchema.nullable(),
  tags: z.array(tagSchema).nullable(),
  /** The address to put into a page: the edge picks width and format. Takes `?w=PIXELS`, and `&t=s` for a square around `focus`. Null until READY. */
  url: z.url().nullable(),
  variants: z.array(publicVariantSchema),
  /** Only for tokens with the scope `review`, and when the image was moderated. */
  moderation: moderationSchema.optional(),
});
export type PublicImage = z.infer<typeof publicImageSchema>;

/** `POST /images/{id}/review`, with an access token of scope `review`. */
export const reviewRequestSchema = z.strictObject({
  /** `approve`: it is developed and becomes READY. `reject`: it becomes REJECTED with NOT_ALLOWED. */
  decision: reviewSchema.shape.decision,
});
export type ReviewRequest = z.infer<typeof reviewRequestSchema>;

const pageQuery = {
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).default(50),
  /** `next` of the page before. Opaque. */
  cursor: z.string().optional(),
};
/** An instant with its offset, or a date: its first instant in UTC. */
const momentSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** `GET /images`. Newest first. What is given must all be true of an image. */
export const listImagesQuerySchema = z.strictObject({
  ...pageQuery,
  /** Name of a tag. Case does not matter. */
  tag: z.string().trim().min(1).max(64).optional(),
  /** Make or model of the camera, as a whole: `canon`, or `canon eos 70d`. Case does not matter. */
  camera: z.string().trim().min(1).max(64).optional(),
  /** Uploads that began then or later. */
  from: momentSchema.optional(),
  /** Uploads that began before then. */
  to: momentSchema.optional(),
});
export const listImagesResponseSchema = z.strictObject({
  images: z.array(publicImageSchema),
  next: z.string().nullable(),
});

/** `GET /images/{id}/similar`. Newest first. */
export const similarImagesQuerySchema = z.strictObject(pageQuery);
export const similarImagesResponseSchema = z.strictObject({
  similar: z.array(
    z.strictObject({
      /** Bits of 64 in which the perceptual hashes differ: 0 to 10. */
      distance: z.int().min(0).max(10),
      image: publicImageSchema,
    }),
  ),
  next: z.string().nullable(),
});
