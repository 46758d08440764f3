import type { ResumeRecord, UploadSource } from '../contract.ts';
import { expected, UploadError } from './errors.ts';

interface FileFacts {
  readonly name?: string;
  readonly lastModified?: number;
}

/** A `File` or `Blob` as a source. A `Blob` without a name has no fingerprint: it is never resumed after a reload. */
export const fromBlob = (blob: Blob): UploadSource => {
  const { name, lastModified } = blob as Blob & FileFacts;
  return {
    size: blob.size,
    type: blob.type,
    name: name ?? null,
    fingerprint: name === undefined ? null : `file:${name}:${blob.size}:${lastModified ?? 0}`,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
    blob,
  };
};

/**
 * The source of an interrupted upload whose store kept the file (IndexedDB does).
 * Throws `UploadError` SOURCE_CHANGED when it did not: the person must then choose the file again.
 */
export const fromRecord = (record: ResumeRecord): UploadSource => {
  const { blob } = record;
  if (blob === undefined) throw new UploadError('SOURCE_CHANGED', expected('the file', 'the record', 'none'));
  return { ...fromBlob(blob), type: record.type, name: record.name, fingerprint: record.fingerprint };
};
