import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type {
  DeleteVariant,
  DeleteVariants,
  HeadVariant,
  PutVariant,
  ReadVariant,
  ReplaceVariant,
  StoreNewVariant,
} from '../ports.ts';
import { FOREVER } from '../core/cache-control.ts';

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

/** A rendition with the headers that CloudFront and clients see. */
const putInput = (bucket: string, ...[key, data, format]: Parameters<PutVariant>) => ({
  Bucket: bucket,
  Key: key,
  Body: data,
  ContentType: `image/${format}`,
  CacheControl: FOREVER,
});

/** Stores renditions with the headers that CloudFront and clients see. */
export const createPutVariant =
  (s3: S3Client, bucket: string): PutVariant =>
  async (...variant) => {
    await s3.send(new PutObjectCommand(putInput(bucket, ...variant)));
  };

/** The same under a condition that S3 checks: of two writers one stores, and what was there before stays. */
export const createStoreNewVariant =
  (s3: S3Client, bucket: string): StoreNewVariant =>
  async (...variant) => {
    try {
      await s3.send(new PutObjectCommand({ ...putInput(bucket, ...variant), IfNoneMatch: '*' }));
    } catch (error) {
      // 412: it is there. 409: another conditional write of the same key is under way, and it is the same picture.
      if (!hasStatus(error, 412) && !hasStatus(error, 409)) throw error;
    }
  };

/** Reads whole renditions. Needs s3:ListBucket: without it S3 answers 403 for a key that is not there. */
export const createReadVariant =
  (s3: S3Client, bucket: string): ReadVariant =>
  async (key) => {
    try {
      const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  };

/** Name of the user metadata that says how hard an AVIF was coded. */
const EFFORT = 'effort';

/** Needs s3:ListBucket, as createReadVariant does. */
export const createHeadVariant =
  (s3: S3Client, bucket: string): HeadVariant =>
  async (key) => {
    try {
      const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      const { ETag: etag = '', ContentLength: bytes = 0, Metadata = {} } = head;
      return { etag, bytes, effort: Number(Metadata[EFFORT] ?? 0) };
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  };

/** Conditional on the ETag, so that nothing comes back that was deleted, and of two writers one gives way. */
export const createReplaceVariant =
  (s3: S3Client, bucket: string): ReplaceVariant =>
  async (key, data, { format, etag, effort }) => {
    const input = { ...putInput(bucket, key, data, format), IfMatch: etag, Metadata: { [EFFORT]: String(effort) } };
    try {
      await s3.send(new PutObjectCommand(input));
      return true;
    } catch (error) {
      // 412: other bytes; 404: none; 409: changed while this was written.
      if ([404, 409, 412].some((status) => hasStatus(error, status))) return false;
      throw error;
    }
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
