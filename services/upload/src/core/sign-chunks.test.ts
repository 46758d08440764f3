import { DarkroomError } from '@darkroom/runtime/errors';
import { signChunksResponseSchema } from '@darkroom/types/api';
import { limits } from '@darkroom/types/limits';
import { pngOf } from '../../../../packages/imaging/test/support/bytes.ts';
import { IMAGE_ID, NOW, policy, storeOf, uploadClaims } from '../../test/support/fixtures.ts';
import { createMemoryStore } from '../../test/support/memory-store.ts';
import type { ChunkStore } from '../ports.ts';
import { signMoreChunks } from './sign-chunks.ts';

const UNIT = policy.chunkUnitBytes;
const claims = uploadClaims({ size: 10 * UNIT, partSize: null });
const chunks = [{ offset: UNIT, size: UNIT, sha256: 'c'.repeat(64) }];

/** A picture's first 64 KiB. */
const headOf = (width: number, height: number): Buffer => Buffer.concat([pngOf(width, height)], UNIT);

/** Ports on a store in memory, what was heard of unreadable heads, and how many chunks were signed. */
const harness = (changes: Partial<ChunkStore> = {}) => {
  const store = createMemoryStore(changes);
  const unreadable: unknown[] = [];
  const count = { signed: 0 };
  const ports = {
    ...store,
    signChunk: (order: Parameters<ChunkStore['signChunk']>[0]) => {
      count.signed += 1;
      return storeOf().signChunk(order);
    },
    policy,
    now: () => NOW,
    validate: limits.validate,
    onUnreadable: (error: unknown) => unreadable.push(error),
  };
  return { store, ports, unreadable, count };
};

describe('signMoreChunks', () => {
  it('signs while the first bytes are not there, and has judged nothing', async () => {
    const { ports, unreadable } = harness();

    const answer = await signMoreChunks(ports, claims, { chunks });

    expect(signChunksResponseSchema.parse(answer)).toMatchObject({
      judged: false,
      chunks: [{ offset: UNIT, size: UNIT }],
      expiresAt: '2026-11-23T20:55:00.000Z',
    });
    expect(unreadable).toEqual([]);
  });

  it('signs and says so once the first 64 KiB are there and good, and leaves them where they are', async () => {
    const { ports, store } = harness();
    store.put(0, headOf(64, 48));

    const answer = await signMoreChunks(ports, claims, { chunks });

    expect(answer).toMatchObject({ judged: true, chunks: [{ offset: UNIT }] });
    expect([...store.chunks.keys()]).toEqual([0]);
  });

  it('has judged nothing while a byte of the first 64 KiB is missing', async () => {
    const { ports, store } = harness();
    store.put(0, headOf(30_000, 30_000).subarray(0, UNIT - 1));

    await expect(signMoreChunks(ports, claims, { chunks })).resolves.toMatchObject({ judged: false });
  });

  it('judges a file that is smaller than 64 KiB by all of its bytes', async () => {
    const { ports, store } = harness();
    store.put(0, pngOf(64, 48));
    const small = uploadClaims({ size: pngOf(64, 48).length, partSize: null });

    const answer = await signMoreChunks(ports, small, { chunks: [{ ...chunks[0]!, offset: 0, size: small.size }] });

    expect(answer.judged).toBe(true);
  });

  it.each([
    ['more pixels than its format may have', headOf(30_000, 30_000), 'TOO_LARGE'],
    ['a format that is not taken', Buffer.alloc(UNIT, 'II*\0'), 'UNSUPPORTED_FORMAT'],
  ])('refuses a file with %s, deletes what was sent and signs nothing', async (_, head, code) => {
    const { ports, store, count, unreadable } = harness();
    store.put(0, head);
    store.put(UNIT, Buffer.alloc(UNIT));

    const call = signMoreChunks(ports, claims, { chunks });

    await expect(call).rejects.toMatchObject({ code, status: 409 });
    expect(store.chunks.size).toBe(0);
    expect(count.signed).toBe(0);
    expect(unreadable).toEqual([]);
  });

  it('refuses with what the store says when the chunks of a refused file cannot be deleted', async () => {
    const busy = new DarkroomError('UNAVAILABLE', 'the store is busy; try again');
    const { ports, store } = harness({ deleteChunks: () => Promise.reject(busy) });
    store.put(0, headOf(30_000, 30_000));

    await expect(signMoreChunks(ports, claims, { chunks })).rejects.toBe(busy);
  });

  it('signs all the same when the first bytes cannot be read, and tells of it', async () => {
    const busy = new DarkroomError('UNAVAILABLE', 'the store is busy; try again');
    const { ports, unreadable } = harness({ readChunk: () => Promise.reject(busy) });

    const answer = await signMoreChunks(ports, claims, { chunks });

    expect(answer).toMatchObject({ judged: false, chunks: [{ offset: UNIT }] });
    expect(unreadable).toEqual([busy]);
  });

  it('does not look again when the client has heard the judgement', async () => {
    const { ports, store } = harness();
    store.put(0, headOf(30_000, 30_000));

    const answer = await signMoreChunks(ports, claims, { chunks, judged: true });

    expect(answer.judged).toBe(true);
    expect(store.counts.reads).toBe(0);
  });

  it('looks when the client says that it has not heard it', async () => {
    const { ports, store } = harness();
    store.put(0, headOf(64, 48));

    await expect(signMoreChunks(ports, claims, { chunks, judged: false })).resolves.toMatchObject({ judged: true });
  });

  it('refuses a chunk beside the grid before it reads anything', async () => {
    const { ports, store } = harness();
    store.put(0, headOf(30_000, 30_000));

    const call = signMoreChunks(ports, claims, { chunks: [{ ...chunks[0]!, offset: 5 }] });

    await expect(call).rejects.toMatchObject({ code: 'INVALID_REQUEST', details: [{ path: 'chunks.0.offset' }] });
    expect(store.counts.reads).toBe(0);
  });

  it('signs for the upload of the token and for none other', async () => {
    const { ports } = harness();

    const { chunks: signed } = await signMoreChunks(ports, claims, { chunks });

    expect(signed[0]?.url).toContain(`/staging/${IMAGE_ID}/${UNIT}?size=${UNIT}`);
  });
});
