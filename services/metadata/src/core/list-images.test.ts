import type { ImageRecord } from '@darkroom/types/image';
import fc from 'fast-check';
import { encodeTime } from 'ulid';
import { described, nthId, ready, tombstone } from '../../test/support/fixtures.ts';
import { memoryCatalogue, memoryIndex } from '../../test/support/memory.ts';
import { type ListPorts, type ListQuery, listImages } from './list-images.ts';

const viewer = { tenant: 'acme', owner: null };

const catalogue = (records: readonly ImageRecord[], chunk = 1_000): ListPorts => ({
  ...memoryCatalogue(records, chunk),
  ...memoryIndex(records, chunk),
});

const pagesOf = async (
  ports: ListPorts,
  limit: number,
  who: { tenant: string; owner: string | null } = viewer,
  search: Omit<ListQuery, 'limit' | 'cursor'> = {},
) => {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await listImages(ports, who, { ...search, limit, cursor });
    pages.push(page.images.map((record) => record.imageId));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && pages.length < 1_000);
  return pages;
};

describe('listImages', () => {
  it('gives every image once, newest first, whatever the size of the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        async (numbers, limit, chunk) => {
          const records = numbers.map((n) => ready({ imageId: nthId(n) }));
          const pages = await pagesOf(catalogue(records, chunk), limit);
          const newestFirst = records
            .map((record) => record.imageId)
            .sort()
            .reverse();
          expect(pages.flat()).toEqual(newestFirst);
          expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it('leaves out tombstones and fills the page with what follows', async () => {
    const records = [0, 1, 2, 3, 4, 5].map((n) =>
      n % 2 === 0 ? ready({ imageId: nthId(n) }) : tombstone({ imageId: nthId(n) }),
    );
    await expect(pagesOf(catalogue(records), 3)).resolves.toEqual([[nthId(4), nthId(2), nthId(0)]]);
  });

  it("shows an owner's token only that owner's images, and a tenant's token only the tenant's", async () => {
    const records = [
      ready({ imageId: nthId(1), owner: 'ada' }),
      ready({ imageId: nthId(2), owner: 'bob' }),
      ready({ imageId: nthId(3), owner: null }),
      ready({ imageId: nthId(4), owner: 'ada', tenant: 'other' }),
    ];
    await expect(pagesOf(catalogue(records), 10, { tenant: 'acme', owner: 'ada' })).resolves.toEqual([[nthId(1)]]);
    await expect(pagesOf(catalogue(records), 10)).resolves.toEqual([[nthId(3), nthId(2), nthId(1)]]);
  });

  it('ends a page after ten queries and goes on from there', async () => {
    const records = Array.from({ length: 25 }, (_, n) => (n === 0 ? ready : tombstone)({ imageId: nthId(n) }));
    const page = await listImages(catalogue(records, 1), viewer, { limit: 5 });
    expect(page.images).toEqual([]);
    expect(page.next).not.toBeNull();
    expect((await pagesOf(catalogue(records, 1), 5)).flat()).toEqual([nthId(0)]);
  });

  it('is empty for a tenant without images', async () => {
    await expect(listImages(catalogue([]), viewer, { limit: 5 })).resolves.toEqual({ images: [], next: null });
  });
});

describe('listImages as a search', () => {
  const image = (n: number, tags: readonly string[], make: string, changes: Partial<ImageRecord> = {}): ImageRecord =>
    ready({
      imageId: nthId(n),
      metadata: {
        ...described,
        tags: tags.map((name) => ({ name, score: 0.5 })),
        exif: { ...described.exif, make, model: `${make} One` },
      },
      ...changes,
    });
  const idsOf = async (records: readonly ImageRecord[], search: Omit<ListQuery, 'limit'>, who = viewer) =>
    (await pagesOf(catalogue(records), 2, who, search)).flat();

  it('finds by tag, make and model, whatever the case', async () => {
    const records = [image(1, ['Dog'], 'Canon'), image(2, ['cat', 'dog'], 'Nikon'), image(3, ['cat'], 'CANON')];
    await expect(idsOf(records, { tag: 'DOG' })).resolves.toEqual([nthId(2), nthId(1)]);
    await expect(idsOf(records, { camera: 'canon' })).resolves.toEqual([nthId(3), nthId(1)]);
    await expect(idsOf(records, { camera: ' nikon  one ' })).resolves.toEqual([nthId(2)]);
    await expect(idsOf(records, { tag: 'cat', camera: 'canon' })).resolves.toEqual([nthId(3)]);
    await expect(idsOf(records, { tag: 'do' })).resolves.toEqual([]);
  });

  it('gives every match once, newest first, whatever the size of pages and of answers', async () => {
    const words = fc.subarray(['a', 'b', 'c']);
    const makes = fc.constantFrom('X', 'Y');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ tags: words, make: makes }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        async (pictures, limit, chunk) => {
          const records = pictures.map(({ tags, make }, n) => image(n, tags, make));
          const found = await pagesOf(catalogue(records, chunk), limit, viewer, { tag: 'a', camera: 'x' });
          const wanted = pictures.flatMap(({ tags, make }, n) =>
            tags.includes('a') && make === 'X' ? [nthId(n)] : [],
          );
          expect(found.flat()).toEqual(wanted.reverse());
        },
      ),
    );
  });

  it("keeps to the token's tenant and owner", async () => {
    const records = [
      image(1, ['dog'], 'A', { owner: 'ada' }),
      image(2, ['dog'], 'A', { owner: 'bob' }),
      image(3, ['dog'], 'A', { owner: null }),
      image(4, ['dog'], 'A', { tenant: 'other' }),
    ];
    await expect(idsOf(records, { tag: 'dog' })).resolves.toEqual([nthId(3), nthId(2), nthId(1)]);
    const ada = { tenant: 'acme', owner: 'ada' };
    expect((await pagesOf(catalogue(records), 9, ada, { tag: 'dog' })).flat()).toEqual([nthId(1)]);
  });

  it('believes the record where the index says otherwise', async () => {
    const indexed = [image(1, ['dog'], 'A'), image(2, ['dog'], 'A'), image(3, ['dog'], 'A')];
    const now = [image(1, ['cat'], 'A'), tombstone({ imageId: nthId(2) }), image(3, ['dog'], 'A')];
    const ports = { ...memoryIndex(indexed), ...memoryCatalogue(now) };
    expect((await pagesOf(ports, 9, viewer, { tag: 'dog' })).flat()).toEqual([nthId(3)]);
  });

  it('skips from match to match where one of two words is rare', async () => {
    const records = Array.from({ length: 3_000 }, (_, n) => image(n, n % 1_000 === 0 ? ['rare', 'dog'] : ['dog'], 'A'));
    const index = memoryIndex(records);
    const ports = { ...index, ...memoryCatalogue(records) };
    const page = await listImages(ports, viewer, { limit: 50, tag: 'rare', camera: 'a' });
    expect(page.images.map((record) => record.imageId)).toEqual([2_000, 1_000, 0].map(nthId));
    expect(page.next).toBeNull();
    expect(index.queries.length).toBeLessThanOrEqual(8);
  });

  it('finds uploads from an instant on and before another, with and without words', async () => {
    const at = (time: number) => `${encodeTime(time, 10)}${'0'.repeat(15)}5`;
    const times = [1_000, 2_000, 3_000, 4_000];
    const records = times.map((time) => image(0, ['dog'], 'A', { imageId: at(time) }));
    for (const words of [{}, { tag: 'dog' }, { tag: 'dog', camera: 'a' }]) {
      const search = { ...words, from: 2_000, to: 4_000 };
      expect((await pagesOf(catalogue(records), 1, viewer, search)).flat()).toEqual([at(3_000), at(2_000)]);
      expect((await pagesOf(catalogue(records), 9, viewer, { ...words, from: 3_000 })).flat()).toEqual([
        at(4_000),
        at(3_000),
      ]);
      await expect(pagesOf(catalogue(records), 9, viewer, { ...words, from: 4_000, to: 2_000 })).resolves.toEqual([[]]);
      await expect(pagesOf(catalogue(records), 9, viewer, { ...words, to: -5 })).resolves.toEqual([[]]);
    }
  });
});
