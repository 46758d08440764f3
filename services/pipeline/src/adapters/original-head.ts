import { DeleteObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { DiscardOriginal, HeadOriginal } from '../ports.ts';

/** HEAD has no body, so S3's code is lost and 404 is all it says. */
const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;

/** HEAD by the SDK. Needs s3:ListBucket: without it S3 answers 403 for a key that is not there. */
export const createHeadOriginal =
  (client: S3Client): HeadOriginal =>
  async (bucket, key) => {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return {
        etag: head.ETag ?? '',
        bytes: head.ContentLength ?? 0,
        contentType: head.ContentType,
        lastModified: head.LastModified?.getTime(),
        metadata: head.Metadata ?? {},
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

/** DELETE by the SDK; S3 answers 204 whether the object was there or not. */
export const createDiscardOriginal =
  (client: S3Client): DiscardOriginal =>
  async (bucket, key) => {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  };
