import * as z from 'zod';
import { errorBodySchema } from './api.ts';

/**
 * The S3 contract of Uppy's Companion, as @uppy/aws-s3 4, 5 and 6 speak it, under `/u/{token}/s3`; names are Companion's
 * (transloadit/uppy, packages/@uppy/companion/src/server/controllers/s3.ts).
 */

/** Every error: Darkroom's body, and `error`, the name under which Companion's own clients look for the sentence. */
export const companionErrorSchema = errorBodySchema.extend({ error: z.string() });

/** `GET /params`: a form to send with `file` as its last field. */
export const companionParamsSchema = z.strictObject({
  method: z.literal('POST'),
  url: z.url(),
  fields: z.record(z.string(), z.string()),
  /** Seconds that one request may take: Uppy 4 and 5 make it the timeout of theirs. */
  expires: z.int().positive(),
});

/** `POST /multipart`. */
export const companionMultipartSchema = z.strictObject({
  key: z.string(),
  /** Opaque; names the upload in all further routes. */
  uploadId: z.string(),
  bucket: z.string(),
});

/** `GET /multipart/{uploadId}?key=…`: every part in storage, by number. */
export const companionPartsSchema = z.array(
  z.strictObject({
    PartNumber: z.int().min(1).max(10_000),
    /** In quotes. */
    ETag: z.string(),
    /** Bytes; not told once the upload is completed. */
    Size: z.int().nonnegative().optional(),
    LastModified: z.string().optional(),
  }),
);

/** `GET /multipart/{uploadId}/{partNumber}?key=…`. */
export const companionPartUrlSchema = z.strictObject({ url: z.url(), expires: z.int().positive() });

/** `GET /multipart/{uploadId}/batch?key=…&partNumbers=1,2`: URLs by part number. */
export const companionBatchSchema = z.strictObject({ presignedUrls: z.record(z.string(), z.url()) });

/** `POST /multipart/{uploadId}/complete?key=…`. */
export const companionCompleteSchema = z.strictObject({ location: z.url(), key: z.string(), bucket: z.string() });
