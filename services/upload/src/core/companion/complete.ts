import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { UploadRef } from '../../ports.ts';
import { type CompletedPart, range, type StoredPart } from '../parts.ts';
import { type CompanionPorts, locationOf } from './uploads.ts';

/** S3's least size of a part that is not the last, in bytes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const MIN_PART_BYTES = 5_242_880;

/** An answer names at most so many parts: a client that lost more of them asks for the list. */
const MAX_NAMED_PARTS = 100;

/** A part as Companion lists it. */
export interface CompanionPart {
  readonly PartNumber: number;
  /** In quotes, as S3 writes it. */
  readonly ETag: string;
  /** Bytes; not told once the upload is completed. */
  readonly Size?: number;
  readonly LastModified?: string;
}

const uploadGone = (): DarkroomError =>
  new DarkroomError('UPLOAD_GONE', 'the upload was given up or ran out of time; start a new one');

/** Every part in S3, page by page; undefined when the upload is gone. */
const allParts = async ({ store }: CompanionPorts, upload: UploadRef): Promise<StoredPart[] | undefined> => {
  const parts: StoredPart[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page = await store.listParts(upload, after);
    if (page === undefined) return undefined;
    parts.push(...page.parts);
    after = page.next;
  }
  return parts;
};

/** ETag of the object that a completed upload left. Throws UPLOAD_GONE when there is none. */
const storedEtag = async ({ store }: CompanionPorts, { key }: UploadRef): Promise<string> => {
  const object = await store.head(key);
  if (object === undefined) throw uploadGone();
  return object.etag;
};

/** S3 writes the number of its parts behind the ETag of a completed object. */
const partCountOf = (etag: string): number => Number(/-(\d+)$/.exec(etag)?.[1] ?? 1);

/**
 * `GET /multipart/{uploadId}`. S3 forgets the parts of a completed upload; a client that crashed before it heard of the
 * completion is told that none is left to send, under the object's ETag, and its complete call is then answered as the first was.
 * Throws UPLOAD_GONE when there is neither upload nor object.
 */
export const listCompanionParts = async (ports: CompanionPorts, upload: UploadRef): Promise<CompanionPart[]> => {
  const parts = await allParts(ports, upload);
  if (parts !== undefined)
    return parts.map(({ partNumber, etag, size, lastModified }) => ({
      PartNumber: partNumber,
      ETag: `"${etag}"`,
      Size: size,
      ...(lastModified !== undefined && { LastModified: lastModified }),
    }));
  const etag = await storedEtag(ports, upload);
  return range(1, partCountOf(etag)).map((PartNumber) => ({ PartNumber, ETag: `"${etag}"` }));
};

/** Uppy signs no sizes, so they are summed here: what is too large is dropped at once. */
const refuseOversize = async (
  { store, policy }: CompanionPorts,
  upload: UploadRef,
  stored: readonly StoredPart[],
): Promise<void> => {
  const total = stored.reduce((sum, part) => sum + part.size, 0);
  if (total <= policy.maxBytes) return;
  await store.abort(upload);
  throw new DarkroomError('TOO_MANY_BYTES', expected(`at most ${policy.maxBytes} bytes`, 'the parts together', total));
};

/** Parts from 1 to the last named one that are not named, or that S3 does not hold with that ETag. */
const missingParts = (named: readonly CompletedPart[], stored: readonly StoredPart[]): number[] => {
  const held = new Map(stored.map((part) => [part.partNumber, part.etag]));
  const asked = new Map(named.map((part) => [part.partNumber, part.etag]));
  return range(1, named.at(-1)?.partNumber ?? 0).filter(
    (number) => !asked.has(number) || held.get(number) !== asked.get(number),
  );
};

const refuseMissing = (missing: readonly number[]): void => {
  if (missing.length === 0) return;
  const shown = missing.slice(0, MAX_NAMED_PARTS);
  throw new DarkroomError('UPLOAD_INCOMPLETE', `parts are missing; send them again: ${shown.join(', ')}`, {
    details: shown.map((number) => ({ path: `parts.${number}`, message: 'missing' })),
  });
};

const refuseTooSmall = (named: readonly CompletedPart[], stored: readonly StoredPart[]): void => {
  const last = named.at(-1)?.partNumber ?? 0;
  const small = stored.find(({ partNumber, size }) => partNumber < last && size < MIN_PART_BYTES);
  if (small === undefined) return;
  const name = `every part but the last (part ${small.partNumber})`;
  throw new DarkroomError('INVALID_REQUEST', expected(`at least ${MIN_PART_BYTES} bytes`, name, small.size));
};

/**
 * `POST /multipart/{uploadId}/complete` with the parts in order. Safe to repeat: once the object is there, every further call
 * answers the same. Throws UPLOAD_INCOMPLETE (naming the parts), INVALID_REQUEST (a part too small), TOO_MANY_BYTES (and gives
 * the upload up) or UPLOAD_GONE.
 */
export const completeCompanionUpload = async (
  ports: CompanionPorts,
  upload: UploadRef,
  named: readonly CompletedPart[],
): Promise<{ location: string; key: string; bucket: string }> => {
  const answer = { location: await locationOf(ports, upload), key: upload.key, bucket: ports.bucket };
  const stored = await allParts(ports, upload);
  if (stored !== undefined) {
    await refuseOversize(ports, upload, stored);
    refuseMissing(missingParts(named, stored));
    refuseTooSmall(named, stored);
  }
  const etag = stored && (await ports.store.complete(upload, named));
  // Gone before the listing, or between it and here: another call of the same client completed it, if there is an object.
  if (etag === undefined) await storedEtag(ports, upload);
  return answer;
};
