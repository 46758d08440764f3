import { limits } from '@darkroom/types/limits';
import * as z from 'zod';

/** Longest life of a presigned URL in seconds: the credentials of a Lambda function that sign it live no longer than this. */
const MAX_PRESIGNED_SECONDS = 43_200;

const bucket = z.string().min(3);
const seconds = z.coerce.number().pipe(z.int().min(1).max(MAX_PRESIGNED_SECONDS));

/** Environment of the `api` function. */
export const apiConfigSchema = z.object({
  STAGE: z.string().min(1),
  ORIGINALS_BUCKET: bucket,
  /** Name of the SSM parameter that holds the secret of the tokens. */
  TOKEN_SECRET_PARAMETER: z.string().min(1),
  /** Largest file taken, in bytes. */
  MAX_UPLOAD_BYTES: z.coerce.number().pipe(z.int().positive()).default(limits.upload.maxBytes),
  /** Life of presigned URLs and forms. */
  PRESIGNED_SECONDS: seconds.default(limits.upload.presignedSeconds),
});

/** Environment of the `complete` function. */
export const completeConfigSchema = apiConfigSchema.pick({ ORIGINALS_BUCKET: true, TOKEN_SECRET_PARAMETER: true });

/** Environment of the `purgeOriginal` function. */
export const purgeConfigSchema = z.object({ ORIGINALS_BUCKET: bucket });
