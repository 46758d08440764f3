import type { ChunkOrder } from '@darkroom/types/api';
import { randomBytes, seeded } from '../../../../packages/client/test/support/random.ts';
import { sha256Of } from '../../test/support/memory-store.ts';
import { createFileHashes } from './range-hashes.ts';

const whole = randomBytes(1_000);
const orderOf = (offset: number, size: number, bytes: Uint8Array = whole): ChunkOrder => ({
  offset,
  size,
  sha256: sha256Of(bytes.subarray(offset, offset + size)),
});

/** Passes bytes in pieces of `step`. */
const pass = (bytes: Uint8Array, step: number, listed: readonly ChunkOrder[]) => {
  const hashes = createFileHashes(listed);
  for (let at = 0; at < bytes.length; at += step) hashes.update(bytes.subarray(at, at + step));
  return hashes;
};

describe('createFileHashes', () => {
  it.each([1, 7, 100, 1_000])('takes the hash of a file that passes by %p bytes at a time', (step) => {
    const hashes = pass(whole, step, []);

    expect(hashes.whole()).toBe(sha256Of(whole));
    expect(hashes.wrong).toEqual([]);
  });

  it('takes the hash of nothing', () => {
    expect(createFileHashes([]).whole()).toBe(sha256Of(new Uint8Array()));
  });

  it.each([1, 7, 100, 1_000])(
    'finds right chunks right that pass %p bytes at a time, in any order and overlapping',
    (step) => {
      const listed = [orderOf(600, 400), orderOf(0, 1_000), orderOf(0, 10), orderOf(5, 10), orderOf(999, 1)];

      expect(pass(whole, step, listed).wrong).toEqual([]);
    },
  );

  it('names each chunk that has not its hash, and no neighbour', () => {
    const listed = [orderOf(0, 100), orderOf(100, 100), orderOf(200, 100), orderOf(150, 10)];
    const spoilt = Uint8Array.from(whole);
    spoilt[199] = 1 + (whole[199] ?? 0);

    expect(pass(spoilt, 64, listed).wrong).toEqual([listed[1]]);
  });

  it('judges the same bytes by every hash that is listed for them', () => {
    const right = orderOf(100, 50);
    const wrong = { ...right, sha256: '0'.repeat(64) };

    expect(pass(whole, 64, [right, wrong]).wrong).toEqual([wrong]);
  });

  it('judges a chunk as soon as its last byte has passed and not before', () => {
    const hashes = createFileHashes([{ ...orderOf(0, 100), sha256: '0'.repeat(64) }]);

    hashes.update(whole.subarray(0, 99));
    const before = hashes.wrong.length;
    hashes.update(whole.subarray(99, 100));

    expect([before, hashes.wrong.length]).toEqual([0, 1]);
  });

  it('does not mind pieces without bytes', () => {
    const hashes = createFileHashes([orderOf(0, 100)]);

    for (const piece of [0, 0, 100, 100, 1_000].map((end, n, ends) => whole.subarray(ends[n - 1] ?? 0, end)))
      hashes.update(piece);

    expect(hashes.wrong).toEqual([]);
    expect(hashes.whole()).toBe(sha256Of(whole));
  });

  it('agrees with node:crypto about every chunk, whatever is listed, cut and spoilt', () => {
    const random = seeded(77);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let round = 0; round < 150; round += 1) {
      const sent = randomBytes(1 + below(3_000), round);
      const arrived = Uint8Array.from(sent);
      for (let spoils = below(3); spoils > 0; spoils -= 1) arrived[below(arrived.length)] = below(256);
      const listed = Array.from({ length: below(12) }, () => {
        const offset = below(sent.length);
        return orderOf(offset, 1 + below(sent.length - offset), sent);
      });

      const hashes = pass(arrived, 1 + below(500), listed);

      const expected = listed.filter(
        ({ offset, size, sha256 }) => sha256Of(arrived.subarray(offset, offset + size)) !== sha256,
      );
      expect(hashes.wrong).toHaveLength(expected.length);
      expect(new Set(hashes.wrong)).toEqual(new Set(expected));
      expect(hashes.whole()).toBe(sha256Of(arrived));
    }
  });
});
