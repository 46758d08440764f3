import fc from 'fast-check';
import type { ClaimCandidate } from '../../src/core/claim.ts';
import { candidate, claimed, facts, NOW, record } from './fixtures.ts';

const sequencers = fc.constantFrom('', '0055', '0055A', '0056');
const etags = fc.constantFrom('e1', 'e2');
const messageIds = fc.constantFrom('m1', 'm2');
const counts = fc.integer({ min: 1, max: 3 });

/** Records in every state that matters to a claim, and none. */
export const anyRecord = fc.oneof(
  fc.constant(undefined),
  fc
    .record({
      etag: etags,
      sequencer: sequencers,
      attempt: counts,
      claimMessageId: messageIds,
      claimReceiveCount: counts,
      leaseUntil: fc.constantFrom(NOW - 1, NOW, NOW + 1),
    })
    .map(claimed),
  fc
    .record({
      etag: etags,
      sequencer: sequencers,
      attempt: counts,
      claimMessageId: messageIds,
      claimReceiveCount: counts,
      status: fc.constantFrom(
        'PROCESSING' as const,
        'READY' as const,
        'REJECTED' as const,
        'REVIEW' as const,
        'FAILED' as const,
        'DELETED' as const,
      ),
    })
    .map(record),
);

export const anyCandidate: fc.Arbitrary<ClaimCandidate> = fc
  .record({
    sequencer: sequencers,
    etag: fc.option(etags),
    messageId: messageIds,
    receiveCount: counts,
    redrive: fc.boolean(),
  })
  .map(({ etag, ...rest }) => candidate({ ...rest, facts: etag === null ? null : { ...facts, etag } }));
