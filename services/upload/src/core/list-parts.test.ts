import { uploadClaims } from '../../test/support/fixtures.ts';
import { listStoredParts } from './list-parts.ts';

const claims = uploadClaims({ size: 25, partSize: 10 });
const none = () => Promise.resolve(undefined);
const chunksOf =
  (...chunks: [offset: number, size: number, etag: string][]) =>
  () =>
    Promise.resolve(chunks.map(([offset, size, etag]) => ({ offset, size, etag })));

describe('listStoredParts', () => {
  it('lists what storage holds whole, and nothing of other sizes or places', async () => {
    const listChunks = chunksOf([0, 9, 'short'], [5, 10, 'astray'], [10, 10, 'b'], [20, 5, 'c']);
    await expect(listStoredParts({ listChunks, head: none }, claims, 0)).resolves.toEqual({
      parts: [
        { partNumber: 2, etag: 'b', size: 10 },
        { partNumber: 3, etag: 'c', size: 5 },
      ],
      next: null,
    });
  });

  it('lists every part of an upload that was completed, so that nothing is sent again', async () => {
    const head = () => Promise.resolve({ etag: 'whole-3', size: 25 });
    await expect(listStoredParts({ listChunks: chunksOf(), head }, claims, 0)).resolves.toEqual({
      parts: [
        { partNumber: 1, etag: 'whole-3', size: 10 },
        { partNumber: 2, etag: 'whole-3', size: 10 },
        { partNumber: 3, etag: 'whole-3', size: 5 },
      ],
      next: null,
    });
  });

  it('answers pages of 1,000', async () => {
    const long = uploadClaims({ size: 2_500, partSize: 1 });
    const head = () => Promise.resolve({ etag: 'whole', size: 2_500 });
    const sizes: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await listStoredParts({ listChunks: chunksOf(), head }, long, after);
      sizes.push(page.parts.length);
      after = page.next;
    }
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  it.each([
    ['no object', undefined],
    ['an object of another size', { etag: 'x', size: 24 }],
  ])('is empty with %s', async (_, object) => {
    const page = listStoredParts({ listChunks: chunksOf(), head: () => Promise.resolve(object) }, claims, 0);
    await expect(page).resolves.toEqual({ parts: [], next: null });
  });

  it('is no question for an upload that is not in parts', async () => {
    const call = listStoredParts({ listChunks: chunksOf(), head: none }, uploadClaims({ partSize: null }), 0);
    await expect(call).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
