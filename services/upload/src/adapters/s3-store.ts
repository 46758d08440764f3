import type { S3Client } from '@aws-sdk/client-s3';
import type { UploadStore } from '../ports.ts';
import { createAbortMultipart, createCompleteMultipart, createListParts, createOpenMultipart } from './s3-multipart.ts';
import { createHeadObject } from './s3-objects.ts';
import { createPartSigner, createPostSigner } from './s3-signer.ts';

/** The originals bucket behind every port of the upload API. One client for all: it caches its credentials. */
export const createUploadStore = (client: S3Client, bucket: string): UploadStore => ({
  signPost: createPostSigner(client, bucket),
  signPart: createPartSigner(client, bucket),
  open: createOpenMultipart(client, bucket),
  listParts: createListParts(client, bucket),
  complete: createCompleteMultipart(client, bucket),
  abort: createAbortMultipart(client, bucket),
  head: createHeadObject(client, bucket),
});
