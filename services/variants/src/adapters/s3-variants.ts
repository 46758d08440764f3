import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { DeleteVariant, DeleteVariants, PutVariant } from '../ports.ts';
import { FOREVER } from '../core/cache-control.ts';

/** Stores renditions with the headers that CloudFront and clients see. */
export const createPutVariant =
  (s3: S3Client, bucket: string): PutVariant =>
  async (key, data, format) => {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: data,
        ContentType: `image/${format}`,
        CacheControl: FOREVER,
      }),
    );
  };

export const createDeleteVariant =
  (s3: S3Client, bucket: string): DeleteVariant =>
  async (key) => {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  };

/** Deletes page by page, at most 1,000 keys each. Throws when S3 keeps a key, so that the event is delivered again. */
export const createDeleteVariants =
  (s3: S3Client, bucket: string): DeleteVariants =>
  async (prefix) => {
    let deleted = 0;
    for (;;) {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      const keys = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
      if (keys.length === 0) return deleted;
      const answer = await s3.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys, Quiet: true } }),
      );
      const [failed] = answer.Errors ?? [];
      if (failed !== undefined)
        throw new Error(`expected S3 to delete ${failed.Key ?? 'a key'} but received ${failed.Code ?? 'an error'}`);
      deleted += keys.length;
    }
  };
