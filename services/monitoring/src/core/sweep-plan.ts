import { approvalOf, attemptsOf } from '@darkroom/types/catalogue';
import type { Reason } from '@darkroom/types/codes';
import type { DomainEvent } from '@darkroom/types/events';
import type { ImageRecord } from '@darkroom/types/image';

/**
 * How long after the end of a lease the sweeper steps in, in milliseconds. An image that StoreResults let go for another
 * attempt has no lease either, and its message comes back by itself within 30 seconds (`retryBackoffSeconds`).
 */
export const GRACE_MS = 60_000;

/**
 * A redriven image's lease ends this long ago, in milliseconds: far enough that a dispatcher whose clock is behind sees it
 * ended, too, and short of the grace, so that the next sweep does not redrive it again while its message waits.
 */
export const CLOCK_SKEW_MS = 5_000;

/**
 * What to do about a record whose lease ran out. `queue`: a person approved it, and it was not developed since. `redrive`: another attempt. `fail`: its attempts are used up. `announce`: an
 * earlier sweep failed it and did not come as far as its event. `drop`: it ended otherwise and has no business in the index.
 */
export type SweepAction = 'queue' | 'redrive' | 'fail' | 'announce' | 'drop';

export const planSweep = (
  record: Pick<ImageRecord, 'status' | 'attempt' | 'etag' | 'review'>,
  maxAttempts: number,
): SweepAction => {
  if (record.status !== 'PROCESSING') return record.status === 'FAILED' ? 'announce' : 'drop';
  if (approvalOf(record)?.attempt === record.attempt) return 'queue';
  return attemptsOf(record) < maxAttempts ? 'redrive' : 'fail';
};

/** Why an abandoned image failed: what its last attempt said, or that it said nothing. */
export const abandonedReason = ({ reason, attempt }: Pick<ImageRecord, 'reason' | 'attempt'>): Reason =>
  reason ?? { code: 'INTERNAL', message: `attempt ${attempt} neither ended nor failed within its lease` };

/** The event of a record that was made FAILED. */
export const failedEvent = (record: ImageRecord): DomainEvent => ({
  type: 'image.failed',
  detail: {
    schemaVersion: 1,
    imageId: record.imageId,
    tenant: record.tenant,
    owner: record.owner,
    attempt: record.attempt,
    uploadedAt: record.uploadedAt,
    at: record.terminalAt ?? record.updatedAt,
    reason: abandonedReason(record),
  },
});
