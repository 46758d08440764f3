import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PutDeveloped } from '../ports.ts';

/** Stores stand-ins for originals beside them. Throws the SDK's errors. */
export const createPutDeveloped =
  (s3: S3Client): PutDeveloped =>
  async ({ bucket, key }, data, format) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: data, ContentType: `image/${format}` }));
  };
