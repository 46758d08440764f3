import type { ImageRecord } from '@darkroom/types/image';
import fc from 'fast-check';
import { anyCandidate, anyRecord } from '../../test/support/claims.ts';
import { candidate, claimed, facts, NOW, record } from '../../test/support/fixtures.ts';
import { decideClaim, taskOf } from './claim.ts';

/** A terminal record that still names the message that brought it there. */
const ended = (change: Partial<ImageRecord>) =>
  record({ status: 'REJECTED', claimMessageId: 'm1', claimReceiveCount: 1, ...change });

const newer = { sequencer: '0056', facts: { ...facts, etag: 'e2' } };

describe('decideClaim', () => {
  it.each([
    ['no record', undefined, candidate(), { kind: 'claim', attempt: 1 }],
    ['no record and no object', undefined, candidate({ facts: null }), { kind: 'done' }],
    [
      'a lease that ran out',
      claimed({ leaseUntil: NOW - 1 }),
      candidate({ messageId: 'm2' }),
      { kind: 'claim', attempt: 2 },
    ],
    ['a lease that ends this instant', claimed({ leaseUntil: NOW }), candidate({ messageId: 'm2' }), { kind: 'held' }],
    ['its own redelivery', claimed(), candidate({ receiveCount: 2 }), { kind: 'claim', attempt: 2 }],
    ['its own claim, answer lost', claimed(), candidate(), { kind: 'mine' }],
    ["another message's live lease", claimed(), candidate({ messageId: 'm2', receiveCount: 9 }), { kind: 'held' }],
    ['a ready image', record({ status: 'READY' }), candidate({ receiveCount: 9 }), { kind: 'done' }],
    [
      'an end whose message came back: the event may be missing',
      ended({ status: 'READY' }),
      candidate({ receiveCount: 2 }),
      { kind: 'mine' },
    ],
    [
      'an end that another message reports',
      ended({}),
      candidate({ messageId: 'm2', receiveCount: 2 }),
      { kind: 'done' },
    ],
    ['an end under the very delivery that brought it', ended({}), candidate(), { kind: 'done' }],
    ['an end of other, later bytes', ended({ etag: 'e9' }), candidate({ receiveCount: 2 }), { kind: 'done' }],
    ['a rejected image', record({ status: 'REJECTED' }), candidate(), { kind: 'done' }],
    ['an image held back', record({ status: 'REVIEW' }), candidate(), { kind: 'done' }],
    [
      'an image held back whose message came back',
      ended({ status: 'REVIEW' }),
      candidate({ receiveCount: 2 }),
      { kind: 'mine' },
    ],
    [
      'an approved image',
      claimed({ attempt: 2, leaseUntil: 0 }),
      candidate({ messageId: 'm2', redrive: true }),
      { kind: 'claim', attempt: 3 },
    ],
    ['a failed image', record({ status: 'FAILED' }), candidate(), { kind: 'done' }],
    ['bytes that came again after a deletion', record({ status: 'DELETED' }), candidate(), { kind: 'deleted' }],
    ['a deleted image without bytes', record({ status: 'DELETED' }), candidate({ facts: null }), { kind: 'done' }],
    ['new bytes over a ready image', record({ status: 'READY' }), candidate(newer), { kind: 'claim', attempt: 2 }],
    ['new bytes over a live lease', claimed(), candidate({ ...newer, messageId: 'm2' }), { kind: 'claim', attempt: 2 }],
    ['new bytes over a deleted image', record({ status: 'DELETED' }), candidate(newer), { kind: 'deleted' }],
    [
      'news older than the record',
      record({ status: 'READY' }),
      candidate({ ...newer, sequencer: '0054' }),
      { kind: 'done' },
    ],
    [
      'other bytes without sequencers',
      record({ status: 'READY', sequencer: '' }),
      candidate({ ...newer, sequencer: '' }),
      { kind: 'done' },
    ],
  ])('with %s', (_what, existing, wish, decision) => {
    expect(decideClaim(existing, wish, NOW)).toEqual(decision);
  });

  it('never undoes an end of the same bytes, and never lets go of a deletion', () => {
    fc.assert(
      fc.property(anyRecord, anyCandidate, (existing, wish) => {
        const { kind } = decideClaim(existing, wish, NOW);
        const isSame = wish.facts === null || existing?.etag === wish.facts.etag;
        const isOver = existing !== undefined && existing.status !== 'PROCESSING';
        if (existing?.status === 'DELETED') expect(kind).toBe(wish.facts === null ? 'done' : 'deleted');
        else if (isOver && isSame) expect(['done', 'mine']).toContain(kind);
      }),
    );
  });

  it('raises the attempt with every claim, so that no two holders share one', () => {
    fc.assert(
      fc.property(anyRecord, anyCandidate, (existing, wish) => {
        const decision = decideClaim(existing, wish, NOW);
        if (decision.kind === 'claim') expect(decision.attempt).toBe((existing?.attempt ?? 0) + 1);
      }),
    );
  });

  it('leaves no image without a guard: what is not claimed is over, ours, or under a live lease', () => {
    fc.assert(
      fc.property(anyRecord, anyCandidate, (existing, wish) => {
        const { kind } = decideClaim(existing, wish, NOW);
        if (kind === 'held') expect(existing).toMatchObject({ status: 'PROCESSING' });
        if (kind === 'held') expect(existing?.leaseUntil).toBeGreaterThanOrEqual(NOW);
        if (kind === 'done' && wish.facts !== null) expect(existing?.status).not.toBe('PROCESSING');
      }),
    );
  });

  it('gives way to whoever comes after the lease, whatever the record', () => {
    fc.assert(
      fc.property(anyRecord, anyCandidate, (existing, wish) => {
        fc.pre(existing?.status === 'PROCESSING');
        expect(decideClaim(existing, wish, NOW + 2).kind).toBe('claim');
      }),
    );
  });
});

describe('taskOf', () => {
  it('carries the record and the announced digest, and no claim', () => {
    expect(taskOf(claimed({ attempt: 2 }), 'a'.repeat(64))).toEqual({
      schemaVersion: 1,
      imageId: record().imageId,
      tenant: 'acme',
      owner: 'ada',
      bucket: 'originals',
      key: record().key,
      bytes: 3_000_000,
      etag: 'e1',
      sequencer: '0055AED6DCD9',
      attempt: 2,
      filename: 'a.jpg',
      declaredType: 'image/jpeg',
      announcedSha256: 'a'.repeat(64),
      uploadedAt: '2026-11-23T20:39:58.000Z',
    });
  });

  const moderation = { verdict: 'review', scores: { porn: 0.9 }, model: 'm@1' } as const;
  const review = { decision: 'approve', at: '2026-11-23T20:39:59.500Z', etag: 'e1', attempt: 2 } as const;

  it("carries a person's approval of these bytes, with the scores that made somebody look", () => {
    expect(taskOf(claimed({ attempt: 3, moderation, review }), null).approval).toEqual({
      moderation: { ...moderation, verdict: 'allowed' },
      attempt: 2,
    });
  });

  it.each([
    ['of other bytes under the same key', { moderation, review: { ...review, etag: 'e0' } }],
    ['that is a refusal', { moderation, review: { ...review, decision: 'reject' as const } }],
    ['when nobody decided', { moderation }],
  ])('carries no approval %s', (_what, change) => {
    expect(taskOf(claimed(change), null)).not.toHaveProperty('approval');
  });
});
