import type { S3Client } from '@aws-sdk/client-s3';
import type { CompanionStore } from '../core/companion/uploads.ts';
import { createAbortMultipart, createCompleteMultipart, createListParts, createOpenMultipart } from './s3-multipart.ts';
import { createHeadObject } from './s3-objects.ts';
import { createPartSigner, createPostSigner } from './s3-signer.ts';

/** The originals bucket behind Uppy's contract. One client for all: it caches its credentials. */
export const createCompanionStore = (client: S3Client, bucket: string): CompanionStore => ({
  signPost: createPostSigner(client, bucket),
  signPart: createPartSigner(client, bucket),
  open: createOpenMultipart(client, bucket),
  listParts: createListParts(client, bucket),
  complete: createCompleteMultipart(client, bucket),
  abort: createAbortMultipart(client, bucket),
  head: createHeadObject(client, bucket),
});
