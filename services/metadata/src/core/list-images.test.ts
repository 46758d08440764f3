import type { ImageRecord } from '@darkroom/types/image';
import fc from 'fast-check';
import { nthId, ready, tombstone } from '../../test/support/fixtures.ts';
import { type ListPorts, listImages } from './list-images.ts';

const viewer = { tenant: 'acme', owner: null };

/** A catalogue in memory whose index answers at most `chunk` ids a query, filtered by owner after the cut, as DynamoDB does. */
const catalogue = (records: readonly ImageRecord[], chunk = 1_000): ListPorts => ({
  queryIds: ({ tenant, owner, before, limit }) => {
    const all = records.filter((record) => record.tenant === tenant).map((record) => record.imageId);
    const older = all
      .filter((id) => before === undefined || id < before)
      .sort()
      .reverse();
    const read = older.slice(0, Math.min(limit, chunk));
    const ids = read.filter((id) => owner === null || records.find((record) => record.imageId === id)?.owner === owner);
    return Promise.resolve({ ids, next: read.length < older.length ? read.at(-1) : undefined });
  },
  getImages: (ids) => Promise.resolve(records.filter((record) => ids.includes(record.imageId))),
});

const pagesOf = async (ports: ListPorts, limit: number, who: { tenant: string; owner: string | null } = viewer) => {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await listImages(ports, who, { limit, cursor });
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
