import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ReadOriginal } from '../ports.ts';

/** Objects in S3, read whole: at most `upload.maxBytes` of limits.json. Throws the SDK's errors. */
export const createReadOriginal =
  (s3: S3Client): ReadOriginal =>
  async ({ bucket, key }) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
