import { s3Error } from '../errors.ts';
import type { StoredObject } from '../store/model.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** True when a list of entity tags names this one; quotes and weak marks are no matter. */
function names(list: string, etag: string): boolean {
  return list.split(',').some((one) => {
    const tag = one.trim().replace(/^W\//, '').replaceAll('"', '');
    return tag === '*' || tag === etag;
  });
}

/** HTTP dates have whole seconds. */
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

function isNotSince(object: StoredObject, date: string | undefined): boolean | undefined {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : seconds(object.modified) <= seconds(time);
}

/**
 * Judges the conditions of a GET or HEAD in the order of RFC 9110 section 13.2.2.
 * @returns false when the client's copy is still good (304).
 * @throws AwsError PreconditionFailed (412)
 */
export function isWanted(headers: Headers, object: StoredObject, prefix = 'if-'): boolean {
  const { [`${prefix}match`]: match, [`${prefix}none-match`]: noneMatch } = headers;
  const unmodified = isNotSince(object, headers[`${prefix}unmodified-since`]);
  if (match === undefined ? unmodified === false : !names(match, object.etag)) {
    throw s3Error('PreconditionFailed', {
      fields: { Condition: match === undefined ? 'If-Unmodified-Since' : 'If-Match' },
    });
  }
  if (noneMatch !== undefined) return !names(noneMatch, object.etag);
  return isNotSince(object, headers[`${prefix}modified-since`]) !== true;
}

/** The conditions of a copy are on its source and always end in 412. @throws AwsError PreconditionFailed */
export function requireSource(headers: Headers, source: StoredObject): void {
  if (isWanted(headers, source, 'x-amz-copy-source-if-')) return;
  throw s3Error('PreconditionFailed', { fields: { Condition: 'x-amz-copy-source-If-None-Match' } });
}

interface PendingWrite {
  isDeleted: boolean;
}

/** Conditional writes that are under way; a deletion of their key meanwhile makes them conflict (409), as on AWS. */
export class ConditionalWrites {
  readonly #pending = new Map<string, Set<PendingWrite>>();

  begin(bucket: string, key: string): { write: PendingWrite; end: () => void } {
    const name = `${bucket}/${key}`;
    const writes = this.#pending.get(name) ?? new Set();
    const write = { isDeleted: false };
    this.#pending.set(name, writes.add(write));
    const end = (): void => {
      writes.delete(write);
      if (writes.size === 0) this.#pending.delete(name);
    };
    return { write, end };
  }

  deleted(bucket: string, key: string): void {
    for (const write of this.#pending.get(`${bucket}/${key}`) ?? []) write.isDeleted = true;
  }
}

export function isConditional(headers: Headers): boolean {
  return headers['if-none-match'] !== undefined || headers['if-match'] !== undefined;
}

/**
 * Judges `If-None-Match: *` and `If-Match` of a write against what lies under the key now
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
 * @throws AwsError PreconditionFailed (412), NoSuchKey (404), NotImplemented for If-None-Match with an ETag.
 */
export function requireWritable(headers: Headers, current: StoredObject | undefined): void {
  const { 'if-none-match': noneMatch, 'if-match': match } = headers;
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') throw s3Error('NotImplemented', { fields: { Header: 'If-None-Match' } });
    if (current) throw s3Error('PreconditionFailed', { fields: { Condition: 'If-None-Match' } });
  }
  if (match === undefined) return;
  if (!current) throw s3Error('NoSuchKey');
  if (!names(match, current.etag)) throw s3Error('PreconditionFailed', { fields: { Condition: 'If-Match' } });
}
