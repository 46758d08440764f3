import { randomBytes } from 'node:crypto';
import { type Algorithm, checksumTypeOf, parseAlgorithm } from '../checksums.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { type ReceivedBody, receiveFile } from '../http/body.ts';
import { type S3Call, sendEmpty, sendXml } from '../http/call.ts';
import { readDetails } from '../http/details.ts';
import { parseCopyRange } from '../http/ranges.ts';
import type { StoredPart, StoredUpload, UploadDetails } from '../store/model.ts';
import { copyBytes, requireCopySource } from './copy-object.ts';
import {
  checksumElements,
  checksumHeaders,
  committing,
  encryptionHeaders,
  isoTime,
  quoted,
  refuseUnsupported,
} from './write.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PART_NUMBER = 10_000;

/** Begins with the time, so that the ids of a key sort in the order in which its uploads were begun. */
function newUploadId(now: number): string {
  return `${now.toString(16).padStart(12, '0')}${randomBytes(24).toString('hex')}`;
}

function uploadChecksum({ headers }: S3Call): Pick<UploadDetails, 'algorithm' | 'checksumType'> {
  const name = headers['x-amz-checksum-algorithm'];
  const type = headers['x-amz-checksum-type'];
  if (name !== undefined) {
    const algorithm = parseAlgorithm(name);
    return { algorithm, checksumType: checksumTypeOf(algorithm, type) };
  }
  if (type === undefined) return {};
  throw s3Error('InvalidRequest', {
    message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function createMultipartUpload(call: S3Call): void {
  const { store, bucket, key, headers } = call;
  const owner = store.buckets.require(bucket);
  refuseUnsupported(call);
  const details: UploadDetails = { ...readDetails(headers, owner), ...uploadChecksum(call) };
  const initiated = store.context.now();
  const id = newUploadId(initiated);
  store.uploads.add({ id, bucket, key, initiated, details });
  const { algorithm, checksumType } = details;
  sendXml(call, {
    root: 'InitiateMultipartUploadResult',
    headers: {
      ...encryptionHeaders(owner),
      ...(algorithm && checksumType
        ? { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': checksumType }
        : {}),
    },
    node: { Bucket: bucket, Key: key, UploadId: id },
  });
}

/** @throws AwsError NoSuchUpload when there is none of this id for this key. */
export function requireUpload({ store, bucket, key, query }: S3Call): StoredUpload {
  store.buckets.require(bucket);
  const id = query.get('uploadId') ?? '';
  const upload = store.uploads.find(id);
  if (upload?.bucket === bucket && upload.key === key) return upload;
  throw s3Error('NoSuchUpload', { fields: { UploadId: id } });
}

function partNumberOf({ query }: S3Call): number {
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
    'partNumber',
    text,
  );
}

function requireAlgorithm(upload: StoredUpload, body: ReceivedBody): void {
  const [wanted, given] = [upload.details.algorithm, body.checksum?.algorithm];
  if (wanted === undefined || wanted === given) return;
  throw s3Error('InvalidRequest', {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${String(given).toLowerCase()}`,
  });
}

function storePart(call: S3Call, number: number, { file, body }: { file: string; body: ReceivedBody }): StoredPart {
  return committing(call, file, () => {
    // The upload may have been completed or aborted while the body came in.
    const upload = requireUpload(call);
    requireAlgorithm(upload, body);
    const part = { number, file, size: body.size, etag: body.md5, modified: call.store.context.now() };
    const stored: StoredPart = body.checksum ? { ...part, checksum: body.checksum } : part;
    call.store.putPart(upload.id, stored);
    return stored;
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(call: S3Call): Promise<void> {
  const number = partNumberOf(call);
  const upload = requireUpload(call);
  refuseUnsupported(call);
  const part = storePart(call, number, await receiveFile(call, upload.details.algorithm));
  const checksum = part.checksum && checksumHeaders({ ...part.checksum, type: 'FULL_OBJECT' });
  const { 'x-amz-checksum-type': _type, ...value } = checksum ?? {};
  sendEmpty(call, 200, {
    etag: quoted(part.etag),
    ...value,
    ...encryptionHeaders(call.store.buckets.require(call.bucket)),
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export async function uploadPartCopy(call: S3Call): Promise<void> {
  const number = partNumberOf(call);
  const upload = requireUpload(call);
  const object = requireCopySource(call);
  const range = parseCopyRange(call.headers['x-amz-copy-source-range'], object.size);
  const part = storePart(call, number, await copyBytes(call, { object, range }, upload.details.algorithm));
  const { ChecksumType: _type, ...value } = checksumElements(
    part.checksum && { ...part.checksum, type: 'FULL_OBJECT' },
  );
  sendXml(call, {
    root: 'CopyPartResult',
    node: { LastModified: isoTime(part.modified), ETag: quoted(part.etag), ...value },
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export function abortMultipartUpload(call: S3Call): void {
  call.store.abortUpload(requireUpload(call).id);
  sendEmpty(call, 204);
}

/** Elements of a part's checksum in answers that list parts. */
export function partChecksum(checksum: StoredPart['checksum']): Record<string, string> {
  return checksum ? { [`Checksum${checksum.algorithm}` satisfies `Checksum${Algorithm}`]: checksum.value } : {};
}
