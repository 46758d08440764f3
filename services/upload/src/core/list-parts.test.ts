import { uploadClaims } from '../../test/support/fixtures.ts';
import { requireMultipart } from './instructions.ts';
import { listStoredParts } from './list-parts.ts';

const upload = requireMultipart(uploadClaims({ size: 25, partSize: 10 }));
const gone = () => Promise.resolve(undefined);

describe('listStoredParts', () => {
  it('passes on what S3 lists', async () => {
    const page = { parts: [{ partNumber: 2, etag: 'b', size: 10 }], next: 2 };
    await expect(listStoredParts({ listParts: () => Promise.resolve(page), head: gone }, upload, 1)).resolves.toBe(
      page,
    );
  });

  it('lists every part of an upload that was completed, so that nothing is sent again', async () => {
    const head = () => Promise.resolve({ etag: 'whole-3', size: 25 });
    await expect(listStoredParts({ listParts: gone, head }, upload, 0)).resolves.toEqual({
      parts: [
        { partNumber: 1, etag: 'whole-3', size: 10 },
        { partNumber: 2, etag: 'whole-3', size: 10 },
        { partNumber: 3, etag: 'whole-3', size: 5 },
      ],
      next: null,
    });
  });

  it('pages through a completed upload as S3 would', async () => {
    const long = requireMultipart(uploadClaims({ size: 2_500, partSize: 1 }));
    const head = () => Promise.resolve({ etag: 'whole', size: 2_500 });
    const sizes: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await listStoredParts({ listParts: gone, head }, long, after);
      sizes.push(page.parts.length);
      after = page.next;
    }
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  it.each([
    ['no object', undefined],
    ['an object of another size', { etag: 'x', size: 24 }],
  ])('is gone with %s', async (_, object) => {
    const call = listStoredParts({ listParts: gone, head: () => Promise.resolve(object) }, upload, 0);
    await expect(call).rejects.toMatchObject({ code: 'UPLOAD_GONE', status: 410 });
  });
});
