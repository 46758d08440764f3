import type { Checksum } from '../checksums.ts';
import { elementName, headerName } from '../checksums.ts';
import { s3Error } from '../errors.ts';
import type { S3Call } from '../http/call.ts';
import { isConditional, requireWritable } from '../http/conditions.ts';
import { child, text } from '../http/xml.ts';
import type { Bucket } from '../store/buckets.ts';
import type { Cause } from '../store/store.ts';
import type { EventName } from '../rules/notifications.ts';

export function causeOf(call: S3Call, event: EventName): Cause {
  return { event, requestId: call.requestId, sourceIp: call.request.socket.remoteAddress ?? '127.0.0.1' };
}

/** Runs a write of `call.key` under its conditions: judged before the body is taken, and again by `check` at the commit. */
export async function conditionally<T>(call: S3Call, work: (check: () => void) => Promise<T> | T): Promise<T> {
  const { store, bucket, key, headers } = call;
  if (!isConditional(headers)) return work(() => undefined);
  requireWritable(headers, store.objects.find(bucket, key));
  const { write, end } = store.conditionals.begin(bucket, key);
  try {
    return await work(() => {
      if (write.isDeleted) throw s3Error('ConditionalRequestConflict', { fields: { Condition: 'If-None-Match' } });
      requireWritable(headers, store.objects.find(bucket, key));
    });
  } finally {
    end();
  }
}

/** Runs the commit of a body that lies in a file; the file is removed when the commit does not come about. */
export function committing<T>(call: S3Call, file: string, commit: () => T): T {
  try {
    return commit();
  } catch (error) {
    if (file) call.store.bodies.discard(file);
    throw error;
  }
}

/** S3 encrypts everything; the answer names the algorithm, and the bucket may ask for another than SSE-S3. */
export function encryptionHeaders(bucket: Bucket): Record<string, string> {
  const rule = bucket.config.encryption && child(bucket.config.encryption, 'Rule');
  const byDefault = rule && child(rule, 'ApplyServerSideEncryptionByDefault');
  return { 'x-amz-server-side-encryption': (byDefault && text(byDefault, 'SSEAlgorithm')) ?? 'AES256' };
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return { [headerName(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

export function checksumElements(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return { [elementName(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };
}

export const quoted = (etag: string): string => `"${etag}"`;
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** SSE-C and SSE-KMS keys would have to be honoured, and object lock, so they are refused instead of ignored. */
export function refuseUnsupported({ headers }: S3Call): void {
  const name = Object.keys(headers).find(
    (header) =>
      header.startsWith('x-amz-server-side-encryption-customer-') ||
      header.startsWith('x-amz-object-lock-') ||
      header === 'x-amz-write-offset-bytes' ||
      header === 'x-amz-website-redirect-location',
  );
  if (name !== undefined) throw s3Error('NotImplemented', { fields: { Header: name } });
}
