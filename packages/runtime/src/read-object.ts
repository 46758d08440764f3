import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Reads a whole object. */
export type ReadObject = (object: { bucket: string; key: string }) => Promise<Buffer>;

/** Objects in S3, read whole: originals have at most `upload.maxBytes` of limits.json. Throws the SDK's errors. */
export const createReadObject =
  (s3: S3Client): ReadObject =>
  async ({ bucket, key }) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
