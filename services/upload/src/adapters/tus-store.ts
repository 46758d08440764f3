import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { stagingKey } from '@darkroom/types/keys';
import type { ChunkStore, PutChunkOnce } from '../ports.ts';
import { createChunkStore } from './s3-chunks.ts';
import { isTaken, mapped } from './s3-errors.ts';

/** PutObject where there is no object yet. Throws UNAVAILABLE when trying again may help. */
export const createPutChunkOnce =
  (client: S3Client, bucket: string): PutChunkOnce =>
  async (imageId, offset, bytes) => {
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key: stagingKey(imageId, offset),
      Body: bytes,
      ContentLength: bytes.length,
      IfNoneMatch: '*',
    });
    try {
      await mapped(client.send(put));
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  };

/** The staging area behind tus and the IETF's resumable uploads. */
export const createTusStore = (
  client: S3Client,
  bucket: string,
): ChunkStore & { readonly putChunkOnce: PutChunkOnce } => ({
  ...createChunkStore(client, bucket),
  putChunkOnce: createPutChunkOnce(client, bucket),
});
