import { approvalOf } from '@darkroom/types/catalogue';
import type { ImageRecord } from '@darkroom/types/image';
import type { ImageTask } from '@darkroom/types/workflow';
import type { ImageFacts } from './facts.ts';

/** One message's wish to hold an image. */
export interface ClaimCandidate {
  readonly imageId: string;
  readonly bucket: string;
  readonly key: string;
  /** Canonical (see `canonicalSequencer`); empty when unknown. */
  readonly sequencer: string;
  /** Null when the object is gone and only the catalogue knows the image: then nothing but an abandoned claim can be taken. */
  readonly facts: ImageFacts | null;
  /** When S3 had the bytes, as an instant. */
  readonly uploadedAt: string;
  /** Keeps `uploadedAt` and `sequencer` of an existing record: the sweeper knows neither. */
  readonly redrive: boolean;
  readonly messageId: string;
  readonly receiveCount: number;
}

/** The attributes of a record that decide about claims. */
export type ClaimState = Pick<
  ImageRecord,
  'status' | 'attempt' | 'etag' | 'sequencer' | 'leaseUntil' | 'claimMessageId' | 'claimReceiveCount'
>;

/**
 * `claim`: take it, under this attempt number. `mine`: this very delivery took it before, and its answer was lost; or this
 * message brought it to its end and came back, so that the end has to be told again. `done`:
 * nothing is left to do. `held`: somebody else is at it, and their own message guards the image. `deleted`: the image was
 * deleted, and its bytes came again through a form that was still good: they have to go.
 */
export type ClaimDecision =
  | { readonly kind: 'claim'; readonly attempt: number }
  | { readonly kind: 'mine' }
  | { readonly kind: 'done' }
  | { readonly kind: 'held' }
  | { readonly kind: 'deleted' };

/** Other bytes under the same key, put after those of the record. A deleted image stays deleted. */
const isReplacement = (existing: ClaimState, { facts, sequencer }: ClaimCandidate): boolean =>
  facts !== null && existing.status !== 'DELETED' && existing.etag !== facts.etag && existing.sequencer < sequencer;

/**
 * Nobody works on it any more: its lease ran out, or the message that claimed it was handed out again, which SQS does only
 * after the dispatcher gave it back or died (the queue hides messages for six times the function's timeout).
 */
const isAbandoned = (existing: ClaimState, candidate: ClaimCandidate, now: number): boolean => {
  if (existing.leaseUntil === undefined || existing.leaseUntil < now) return true;
  return existing.claimMessageId === candidate.messageId && (existing.claimReceiveCount ?? 0) < candidate.receiveCount;
};

const isMine = (existing: ClaimState, { messageId, receiveCount, facts }: ClaimCandidate): boolean =>
  existing.claimMessageId === messageId &&
  existing.claimReceiveCount === receiveCount &&
  (facts === null || existing.etag === facts.etag);

/**
 * The image has its end, but the message that brought it there was handed out again: whoever held it died, or could not send
 * the event, after the record was written. Going through the workflow once more under the same attempt writes nothing new
 * (every key is deterministic, the record is fenced) and sends the event.
 */
const isUnannounced = (existing: ClaimState, { messageId, receiveCount, facts }: ClaimCandidate): boolean =>
  facts !== null &&
  existing.etag === facts.etag &&
  existing.claimMessageId === messageId &&
  (existing.claimReceiveCount ?? 0) < receiveCount;

/**
 * Who may process an image, decided on the record alone; the condition of the claiming write (adapters/catalogue-claims.ts)
 * says the same in DynamoDB's words. `existing` is undefined when the catalogue has no such image; `now` is in milliseconds
 * since the epoch. Every claim of an existing record raises its attempt, which fences off whoever held it before.
 */
export const decideClaim = (
  existing: ClaimState | undefined,
  candidate: ClaimCandidate,
  now: number,
): ClaimDecision => {
  if (existing === undefined) return candidate.facts === null ? { kind: 'done' } : { kind: 'claim', attempt: 1 };
  const claim = { kind: 'claim', attempt: existing.attempt + 1 } as const;
  if (isReplacement(existing, candidate)) return claim;
  if (existing.status === 'DELETED' && candidate.facts !== null) return { kind: 'deleted' };
  if (existing.status !== 'PROCESSING') return { kind: isUnannounced(existing, candidate) ? 'mine' : 'done' };
  if (isAbandoned(existing, candidate, now)) return claim;
  return { kind: isMine(existing, candidate) ? 'mine' : 'held' };
};

/** A person's approval of these bytes, for the workflow. The scores are those that made somebody look. */
const approvalFor = (record: ImageRecord): Pick<ImageTask, 'approval'> => {
  const approval = approvalOf(record);
  const { moderation } = record;
  if (approval === undefined || moderation === null || moderation === undefined) return {};
  return { approval: { moderation: { ...moderation, verdict: 'allowed' }, attempt: approval.attempt } };
};

/** The workflow's view of a claimed record. */
export const taskOf = (record: ImageRecord, announcedSha256: string | null): ImageTask => ({
  schemaVersion: 1,
  imageId: record.imageId,
  tenant: record.tenant,
  owner: record.owner,
  bucket: record.bucket,
  key: record.key,
  bytes: record.bytes,
  etag: record.etag,
  sequencer: record.sequencer,
  attempt: record.attempt,
  filename: record.filename,
  declaredType: record.declaredType,
  announcedSha256,
  uploadedAt: record.uploadedAt,
  ...approvalFor(record),
});
