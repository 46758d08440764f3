import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { DarkroomError } from '@darkroom/runtime/errors';
import { parseStagingKey, stagingKey, stagingPrefix } from '@darkroom/types/keys';
import { bareEtag } from '../core/parts.ts';
import type { ChunkStore, DeleteChunks, ListChunks, PutChunk, ReadChunk, SignChunk, StoredChunk } from '../ports.ts';
import { createHeadObject } from './s3-objects.ts';
import { createWriteOriginal } from './s3-original.ts';
import { busy, mapped, orGone } from './s3-errors.ts';

/** Most keys that one DeleteObjects takes, and one ListObjectsV2 answers. */
const MAX_KEYS = 1_000;
const CHECKSUM_HEADER = 'x-amz-checksum-sha256';

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

/**
 * Presigned PutObject of exactly `size` bytes. The checksum is signed as a header and not as part of the URL: only so does S3
 * compare it with the body (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
 */
export const createChunkSigner =
  (client: S3Client, bucket: string): SignChunk =>
  async ({ imageId, offset, size, sha256, expiresInSeconds }) => {
    const headers: Record<string, string> = sha256 === null ? {} : { [CHECKSUM_HEADER]: base64(sha256) };
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: stagingKey(imageId, offset),
      ContentLength: size,
      ...(sha256 !== null && { ChecksumSHA256: base64(sha256) }),
    });
    const url = await getSignedUrl(client, command, {
      expiresIn: expiresInSeconds,
      unhoistableHeaders: new Set(Object.keys(headers)),
    });
    return { url, headers };
  };

/** Pages of an upload's staged keys, each with what it lists. */
async function* pagesOf(client: S3Client, bucket: string, imageId: string) {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: stagingPrefix(imageId),
      MaxKeys: MAX_KEYS,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await mapped(client.send(command));
    yield page.Contents ?? [];
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Keys come in the order of their text, so the numbers are sorted here. */
export const createListChunks =
  (client: S3Client, bucket: string): ListChunks =>
  async (imageId) => {
    const chunks: StoredChunk[] = [];
    for await (const page of pagesOf(client, bucket, imageId))
      for (const { Key = '', Size = 0, ETag = '' } of page) {
        const place = parseStagingKey(Key);
        if (place !== undefined && Size > 0) chunks.push({ offset: place.offset, size: Size, etag: bareEtag(ETag) });
      }
    return chunks.sort((a, b) => a.offset - b.offset);
  };

/** A body whose connection breaks is a busy store, not a fault: the call is safe to repeat. */
async function* unbroken(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw busy(error);
  }
}

export const createReadChunk =
  (client: S3Client, bucket: string): ReadChunk =>
  async (imageId, offset, length) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: stagingKey(imageId, offset),
      ...(length !== undefined && { Range: `bytes=0-${length - 1}` }),
    });
    const answer = await orGone(client.send(command));
    // In Node the SDK's body is a stream of Node, which iterates over its bytes.
    return answer?.Body === undefined ? undefined : unbroken(answer.Body as unknown as AsyncIterable<Uint8Array>);
  };

export const createPutChunk =
  (client: S3Client, bucket: string): PutChunk =>
  async (imageId, offset, bytes) => {
    const Key = stagingKey(imageId, offset);
    await mapped(client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: bytes, ContentLength: bytes.length })));
  };

/** Deletes keys, as many at once as S3 takes. A key that is gone already is no error. Throws UNAVAILABLE for any that S3 kept. */
const deleteKeys = async (client: S3Client, bucket: string, keys: readonly string[]): Promise<void> => {
  for (let at = 0; at < keys.length; at += MAX_KEYS) {
    const Objects = keys.slice(at, at + MAX_KEYS).map((Key) => ({ Key }));
    const answer = await mapped(
      client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
    );
    const [kept] = answer.Errors ?? [];
    if (kept !== undefined)
      throw new DarkroomError('UNAVAILABLE', 'the store is busy; try again', {
        cause: new Error(`S3 kept ${kept.Key ?? 'a key'}: ${kept.Code ?? ''} ${kept.Message ?? ''}`),
        retryAfterSeconds: 1,
      });
  }
};

export const createDeleteChunks =
  (client: S3Client, bucket: string): DeleteChunks =>
  async (imageId, offsets) => {
    if (offsets !== undefined)
      return deleteKeys(
        client,
        bucket,
        offsets.map((offset) => stagingKey(imageId, offset)),
      );
    for await (const page of pagesOf(client, bucket, imageId))
      await deleteKeys(
        client,
        bucket,
        page.flatMap(({ Key }) => (Key === undefined ? [] : [Key])),
      );
  };

/** The staged chunks of the originals bucket, and the originals made of them. One client for all: it caches its credentials. */
export const createChunkStore = (client: S3Client, bucket: string): ChunkStore => ({
  signChunk: createChunkSigner(client, bucket),
  listChunks: createListChunks(client, bucket),
  readChunk: createReadChunk(client, bucket),
  putChunk: createPutChunk(client, bucket),
  deleteChunks: createDeleteChunks(client, bucket),
  writeOriginal: createWriteOriginal(client, bucket),
  head: createHeadObject(client, bucket),
});
