import { GetObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import type { ReadRange } from '../ports.ts';

/** Ranges of objects in S3. A range behind the end (416, an empty object) reads as no bytes. Throws the SDK's errors. */
export const createReadRange =
  (s3: S3Client): ReadRange =>
  async ({ bucket, key }, start, end) => {
    try {
      const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${start}-${end}` }));
      return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'InvalidRange') return Buffer.alloc(0);
      throw error;
    }
  };
