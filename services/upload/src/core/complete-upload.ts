import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { AbortMultipart, CompleteMultipart, HeadObject, ListParts } from '../ports.ts';
import type { MultipartUpload } from './instructions.ts';
import { bareEtag, type CompletedPart, partBytes, range, type StoredPart } from './parts.ts';

/** An answer names at most so many parts: a client that lost more of them asks for the list. */
const MAX_NAMED_PARTS = 100;

export interface CompletePorts {
  readonly listParts: ListParts;
  readonly complete: CompleteMultipart;
  readonly abort: AbortMultipart;
  readonly head: HeadObject;
}

/** UPLOAD_GONE: no such upload any more, and no bytes under its key. */
const uploadGone = (): DarkroomError =>
  new DarkroomError('UPLOAD_GONE', 'the upload was completed, given up or ran out of time; start a new one');

const incomplete = (missing: readonly number[]): DarkroomError => {
  const named = missing.slice(0, MAX_NAMED_PARTS);
  const more = missing.length > named.length ? ` and ${missing.length - named.length} more` : '';
  return new DarkroomError('UPLOAD_INCOMPLETE', `parts are missing; send them again: ${named.join(', ')}${more}`, {
    details: named.map((partNumber) => ({ path: `parts.${partNumber}`, message: 'missing' })),
  });
};

/**
 * The parts a client names, by number and with bare ETags. The same part named twice alike counts once.
 * Throws INVALID_REQUEST for a number outside the plan or two ETags for one number.
 */
export const normaliseParts = (upload: MultipartUpload, named: readonly CompletedPart[]): Map<number, string> => {
  const { partCount } = upload.plan;
  const parts = new Map<number, string>();
  for (const { partNumber, etag } of named) {
    if (partNumber > partCount)
      throw new DarkroomError('INVALID_REQUEST', expected(`part numbers up to ${partCount}`, 'body.parts', partNumber));
    const held = parts.get(partNumber);
    const bare = bareEtag(etag);
    if (held !== undefined && held !== bare)
      throw new DarkroomError('INVALID_REQUEST', `expected one ETag for part ${partNumber} but received two`);
    parts.set(partNumber, bare);
  }
  return parts;
};

/** Numbers from 1 to `partCount` that the client does not name, or that S3 does not hold with that ETag and size. */
export const missingParts = (
  { plan }: MultipartUpload,
  named: ReadonlyMap<number, string>,
  stored: readonly StoredPart[],
): number[] => {
  const held = new Map(stored.map((part) => [part.partNumber, part]));
  return range(1, plan.partCount).filter((partNumber) => {
    const part = held.get(partNumber);
    return (
      part === undefined || named.get(partNumber) !== bareEtag(part.etag) || part.size !== partBytes(plan, partNumber)
    );
  });
};

const unnamedParts = ({ plan }: MultipartUpload, named: ReadonlyMap<number, string>): number[] =>
  range(1, plan.partCount).filter((partNumber) => !named.has(partNumber));

/** Every part S3 holds, or undefined when the upload is gone. */
const allParts = async (listParts: ListParts, upload: MultipartUpload): Promise<StoredPart[] | undefined> => {
  const parts: StoredPart[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page = await listParts(upload, after);
    if (page === undefined) return undefined;
    parts.push(...page.parts);
    after = page.next;
  }
  return parts;
};

/**
 * A completed upload is gone for S3 but its object is there: the ETag of the object, the answer to a repeated call.
 * Throws UPLOAD_GONE when there is no object of the announced size.
 */
export const storedObject = async (head: HeadObject, upload: MultipartUpload): Promise<string> => {
  const object = await head(upload.key);
  if (object?.size !== upload.size) throw uploadGone();
  return object.etag;
};

/** More bytes than announced: they are dropped at once, because nobody may store more than the limit allowed. */
const refuseOversize = async (ports: CompletePorts, upload: MultipartUpload, total: number): Promise<never> => {
  await ports.abort(upload);
  throw new DarkroomError(
    'TOO_MANY_BYTES',
    expected(`the announced ${upload.size} bytes`, 'the parts together', total),
  );
};

/**
 * Joins the parts of an upload into the original; answers its ETag without quotes. Safe to repeat: once the object is
 * there, every further call answers the same. `If-None-Match` is not used, because sending the same bytes again is legitimate.
 * Throws INVALID_REQUEST, UPLOAD_INCOMPLETE (naming the parts), TOO_MANY_BYTES (and gives the upload up) or UPLOAD_GONE.
 */
export const completeUpload = async (
  ports: CompletePorts,
  upload: MultipartUpload,
  named: readonly CompletedPart[],
): Promise<string> => {
  const parts = normaliseParts(upload, named);
  const unnamed = unnamedParts(upload, parts);
  if (unnamed.length > 0) throw incomplete(unnamed);
  const stored = await allParts(ports.listParts, upload);
  if (stored === undefined) return storedObject(ports.head, upload);
  const total = stored.reduce((sum, part) => sum + part.size, 0);
  if (total > upload.size) return refuseOversize(ports, upload, total);
  const missing = missingParts(upload, parts, stored);
  if (missing.length > 0) throw incomplete(missing);
  const ordered = [...parts]
    .map(([partNumber, etag]) => ({ partNumber, etag }))
    .sort((a, b) => a.partNumber - b.partNumber);
  // Gone between the listing and here: another call of the same client completed it.
  return (await ports.complete(upload, ordered)) ?? storedObject(ports.head, upload);
};
