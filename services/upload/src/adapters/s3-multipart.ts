import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type Part,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DarkroomError } from '@darkroom/runtime/errors';
import { bareEtag, type StoredPart } from '../core/parts.ts';
import type { AbortMultipart, CompleteMultipart, ListParts, OpenMultipart } from '../ports.ts';
import { orGone } from './s3-errors.ts';

/** No checksum algorithm: with one, complete would demand a checksum of every part, which browsers' clients cannot send. */
export const createOpenMultipart =
  (client: S3Client, bucket: string): OpenMultipart =>
  async ({ key, contentType, metadata }) => {
    const answer = await orGone(
      client.send(
        new CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ContentType: contentType,
          Metadata: { ...metadata },
        }),
      ),
    );
    if (answer?.UploadId === undefined)
      throw new Error(`expected an upload id from S3 for the bucket ${bucket} but received none`);
    return answer.UploadId;
  };

const storedPart = ({ PartNumber = 0, ETag = '', Size = 0, LastModified }: Part): StoredPart => ({
  partNumber: PartNumber,
  etag: bareEtag(ETag),
  size: Size,
  ...(LastModified && { lastModified: LastModified.toISOString() }),
});

export const createListParts =
  (client: S3Client, bucket: string): ListParts =>
  async ({ key, uploadId }, after) => {
    const page = await orGone(
      client.send(
        new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: String(after) }),
      ),
    );
    if (page === undefined) return undefined;
    const parts = (page.Parts ?? []).map(storedPart);
    // A page that says "truncated" without a part would never end.
    const next = page.IsTruncated === true ? (parts.at(-1)?.partNumber ?? null) : null;
    return { parts, next };
  };

export const createCompleteMultipart =
  (client: S3Client, bucket: string): CompleteMultipart =>
  async ({ key, uploadId }, parts) => {
    const command = new CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: `"${etag}"` })) },
    });
    const answer = await orGone(client.send(command).catch(partChanged));
    return answer === undefined ? undefined : bareEtag(answer.ETag ?? '');
  };

/** A part was sent again between the listing and the completion: the client reads its ETags anew. */
const partChanged = (error: unknown): never => {
  if (!(error instanceof Error) || error.name !== 'InvalidPart') throw error;
  throw new DarkroomError(
    'UPLOAD_INCOMPLETE',
    'a part changed while the upload was completed; list the parts and try again',
    {
      cause: error,
    },
  );
};

export const createAbortMultipart =
  (client: S3Client, bucket: string): AbortMultipart =>
  async ({ key, uploadId }) => {
    await orGone(client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })));
  };
