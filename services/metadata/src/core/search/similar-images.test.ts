import type { ImageRecord } from '@darkroom/types/image';
import fc from 'fast-check';
import { metadata, nthId, processing, ready, tombstone } from '../../../test/support/fixtures.ts';
import { memoryCatalogue, memoryIndex } from '../../../test/support/memory.ts';
import { type SimilarPorts, similarImages } from './similar-images.ts';
import { distanceOf, MAX_DISTANCE } from './terms.ts';

const everybody = { tenant: 'acme', owner: null };
const ada = { tenant: 'acme', owner: 'ada' };
const withHash = (n: number, perceptualHash: string, changes: Partial<ImageRecord> = {}): ImageRecord =>
  ready({ imageId: nthId(n), metadata: { ...metadata, perceptualHash }, ...changes });
const portsOf = (records: readonly ImageRecord[], chunk = 1_000): SimilarPorts => ({
  ...memoryCatalogue(records),
  ...memoryIndex(records, chunk),
  getImage: (id) => Promise.resolve(records.find((record) => record.imageId === id)),
});
const pagesOf = async (
  ports: SimilarPorts,
  limit: number,
  viewer: { tenant: string; owner: string | null } = everybody,
) => {
  const found: (readonly [id: string, distance: number])[] = [];
  let cursor: string | undefined;
  do {
    const page = await similarImages(ports, viewer, { imageId: nthId(0), limit, cursor });
    expect(page.similar.length).toBeLessThanOrEqual(limit);
    found.push(...page.similar.map(({ record, distance }) => [record.imageId, distance] as const));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
};

describe('similarImages', () => {
  it('finds every image within the distance once, newest first, whatever the size of pages and answers', async () => {
    const flips = fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(flips, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(everybody, ada),
        async (all, limit, chunk, viewer) => {
          const records = all.map((bits, n) => {
            const hash = bits.reduce((sum, bit) => sum ^ (1n << BigInt(bit)), 0x0123456789abcdefn);
            return withHash(n, hash.toString(16).padStart(16, '0'));
          });
          const hash = records[0]?.metadata?.perceptualHash ?? '';
          const wanted = records
            .slice(1)
            .map((record) => [record.imageId, distanceOf(record.metadata?.perceptualHash ?? '', hash)] as const)
            .filter(([, distance]) => distance <= MAX_DISTANCE)
            .reverse();
          await expect(pagesOf(portsOf(records, chunk), limit, viewer)).resolves.toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('shows no tombstone, no stranger, and nothing that has come to look different', async () => {
    const hash = '0123456789abcdef';
    const indexed = [0, 1, 2, 3, 4].map((n) => withHash(n, hash));
    const now = [
      withHash(0, hash),
      tombstone({ imageId: nthId(1) }),
      withHash(2, hash, { owner: 'bob' }),
      withHash(3, 'fedcba9876543210'),
      withHash(4, hash),
    ];
    const ports = { ...portsOf(now), ...memoryIndex(indexed) };
    await expect(pagesOf(ports, 9, ada)).resolves.toEqual([[nthId(4), 0]]);
    await expect(pagesOf(ports, 9)).resolves.toEqual([
      [nthId(4), 0],
      [nthId(2), 0],
    ]);
  });

  it('finds nothing for a picture that nobody has seen yet', async () => {
    await expect(pagesOf(portsOf([processing({ imageId: nthId(0) })]), 9)).resolves.toEqual([]);
  });

  it.each([
    ['missing', []],
    ["another owner's", [withHash(0, '0123456789abcdef', { owner: 'bob' })]],
    ['deleted', [tombstone({ imageId: nthId(0) })]],
  ])('knows no image that is %s', async (_name, records) => {
    await expect(pagesOf(portsOf(records), 9, ada)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('reads no more than its bound in one call, however many look alike', async () => {
    const ports = portsOf([withHash(0, '0123456789abcdef')]);
    const limits: number[] = [];
    const counting: SimilarPorts = {
      ...ports,
      queryPostings: ({ limit, upTo }) => {
        limits.push(limit);
        return Promise.resolve({ postings: [], last: upTo });
      },
    };
    const page = await similarImages(counting, everybody, { imageId: nthId(0), limit: 50 });
    expect(page).toMatchObject({ similar: [] });
    expect(page.next).not.toBeNull();
    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(70_000);
  });
});
