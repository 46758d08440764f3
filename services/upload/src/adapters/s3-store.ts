import type { S3Client } from '@aws-sdk/client-s3';
import type { UploadStore } from '../ports.ts';
import { createChunkStore } from './s3-chunks.ts';
import { createPostSigner } from './s3-signer.ts';

/** The originals bucket behind every port of the upload API. One client for all: it caches its credentials. */
export const createUploadStore = (client: S3Client, bucket: string): UploadStore => ({
  ...createChunkStore(client, bucket),
  signPost: createPostSigner(client, bucket),
});
