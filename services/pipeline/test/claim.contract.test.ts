import fc from 'fast-check';
import { createClaimImage } from '../src/adapters/catalogue-claims.ts';
import { decideClaim } from '../src/core/claim.ts';
import { anyCandidate, anyRecord } from './support/claims.ts';
import { startCatalogue, type TestCatalogue } from '../../../test/support/catalogue.ts';
import { candidate, claimed, facts, IMAGE_ID, NOW, record } from './support/fixtures.ts';

let catalogue: TestCatalogue;
beforeAll(async () => {
  catalogue = await startCatalogue();
});
afterAll(async () => {
  await catalogue.stop();
});
beforeEach(async () => {
  await catalogue.remove(IMAGE_ID);
});

const LEASE_MS = 360_000;
const claim = (...args: Parameters<ReturnType<typeof createClaimImage>>) =>
  createClaimImage({ client: catalogue.client, table: catalogue.table, leaseMs: LEASE_MS })(...args);

describe('claiming', () => {
  it('writes the whole record of a new image, under attempt 1, with its lease', async () => {
    const outcome = await claim(candidate(), NOW);

    const written = {
      ...record(),
      updatedAt: '2026-11-23T20:40:00.000Z',
      leaseShard: expect.stringMatching(/^L[0-7]$/),
      leaseUntil: NOW + LEASE_MS,
      claimMessageId: 'm1',
      claimReceiveCount: 1,
    };
    expect(outcome).toEqual({ kind: 'claimed', record: written });
    await expect(catalogue.get(IMAGE_ID)).resolves.toEqual(written);
  });

  it('is won by one of many messages at once', async () => {
    const all = Array.from({ length: 20 }, (_, n) => claim(candidate({ messageId: `m${n}` }), NOW));
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'held')).toHaveLength(19);
  });

  it('counts for the delivery that wrote it when the answer was lost and the SDK wrote again', async () => {
    await claim(candidate(), NOW);
    await expect(claim(candidate(), NOW + 5)).resolves.toMatchObject({ kind: 'claimed', record: { attempt: 1 } });
  });

  it('of a redelivered message raises the attempt, which fences off the former holder', async () => {
    await claim(candidate(), NOW);
    await expect(claim(candidate({ receiveCount: 2 }), NOW + 5)).resolves.toMatchObject({
      kind: 'claimed',
      record: { attempt: 2, claimReceiveCount: 2, leaseUntil: NOW + 5 + LEASE_MS },
    });
  });

  it('of new bytes under the key starts over and forgets the old end', async () => {
    await catalogue.put(
      record({ status: 'READY', sequencer: '0055', terminalAt: '2026-11-23T20:39:59.500Z', attempt: 2 }),
    );
    const newBytes = candidate({ sequencer: '0056', facts: { ...facts, etag: 'e2', bytes: 5 } });
    await expect(claim(newBytes, NOW)).resolves.toMatchObject({
      kind: 'claimed',
      record: { status: 'PROCESSING', attempt: 3, etag: 'e2', bytes: 5, terminalAt: null },
    });
  });

  it('by the sweeper keeps when the bytes came and their sequencer', async () => {
    await catalogue.put(claimed({ leaseUntil: NOW - 1 }));
    const redrive = candidate({
      redrive: true,
      sequencer: '',
      uploadedAt: '2026-11-23T20:00:00.000Z',
      messageId: 'r1',
    });
    await expect(claim(redrive, NOW)).resolves.toMatchObject({
      kind: 'claimed',
      record: { attempt: 2, uploadedAt: record().uploadedAt, sequencer: record().sequencer, claimMessageId: 'r1' },
    });
  });

  it('without the object changes nothing but who holds it', async () => {
    await catalogue.put(claimed({ leaseUntil: NOW - 1 }));
    const gone = candidate({ redrive: true, sequencer: '', facts: null, messageId: 'r1' });
    const { record: taken } = (await claim(gone, NOW)) as { record: unknown };
    expect(taken).toEqual({
      ...claimed(),
      leaseShard: expect.any(String),
      attempt: 2,
      claimMessageId: 'r1',
      leaseUntil: NOW + LEASE_MS,
      updatedAt: '2026-11-23T20:40:00.000Z',
    });
  });

  it('takes a server without sequencers', async () => {
    await expect(claim(candidate({ sequencer: '' }), NOW)).resolves.toMatchObject({
      kind: 'claimed',
      record: { sequencer: '' },
    });
  });

  it('writes exactly when decideClaim says so', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, anyCandidate, async (existing, wish) => {
        if (existing === undefined) await catalogue.remove(IMAGE_ID);
        else await catalogue.put(existing);
        const decision = decideClaim(existing, wish, NOW);

        const outcome = await claim(wish, NOW);

        const after = await catalogue.get(IMAGE_ID);
        if (decision.kind === 'claim') {
          expect(outcome).toMatchObject({ kind: 'claimed', record: { attempt: decision.attempt } });
          expect(after).toMatchObject({ status: 'PROCESSING', attempt: decision.attempt, leaseUntil: NOW + LEASE_MS });
        } else {
          expect(outcome.kind).toBe(decision.kind === 'mine' ? 'claimed' : decision.kind);
          expect(after).toEqual(existing);
        }
      }),
      { numRuns: 300 },
    );
  });
});
