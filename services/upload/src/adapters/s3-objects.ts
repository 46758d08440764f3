import { DeleteObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { bareEtag } from '../core/parts.ts';
import type { DeleteObject, HeadObject } from '../ports.ts';
import { orGone } from './s3-errors.ts';

export const createHeadObject =
  (client: S3Client, bucket: string): HeadObject =>
  async (key) => {
    const head = await orGone(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
    if (head === undefined) return undefined;
    const sha256 = head.Metadata?.['sha256'];
    return { etag: bareEtag(head.ETag ?? ''), size: head.ContentLength ?? 0, ...(sha256 !== undefined && { sha256 }) };
  };

export const createDeleteObject =
  (client: S3Client, bucket: string): DeleteObject =>
  async (key) => {
    // S3 answers 204 for a key that is not there.
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  };
