import { originalKey } from '@darkroom/types/keys';
import { uploadClaims } from '../../test/support/fixtures.ts';
import { createMemoryStore, type MemoryStore } from '../../test/support/memory-store.ts';
import { completeChunks, completeParts, missingParts, normaliseParts } from './complete-upload.ts';
import { requireParts } from './instructions.ts';

const claims = uploadClaims({ size: 25, partSize: 10 });
const upload = requireParts(claims);
const whole = Buffer.from('abcdefghijklmnopqrstuvwxy');
const key = originalKey(claims.imageId);

const withParts = async (): Promise<{ store: MemoryStore; named: { partNumber: number; etag: string }[] }> => {
  const store = createMemoryStore();
  for (const offset of [0, 10, 20]) store.put(offset, whole.subarray(offset, offset + 10));
  const named = (await store.listChunks(claims.imageId)).map(({ etag }, n) => ({ partNumber: n + 1, etag }));
  return { store, named };
};

describe('completeParts', () => {
  it('joins the parts in order, whatever the order and the quotes of the client', async () => {
    const { store, named } = await withParts();
    const shuffled = [...named].reverse().map(({ partNumber, etag }) => ({ partNumber, etag: `"${etag}"` }));
    await completeParts(store, claims, shuffled);
    expect(store.originals.get(key)?.bytes).toEqual(whole);
    expect(store.chunks.size).toBe(0);
  });

  it('names the parts that the client forgot, before it asks storage anything', async () => {
    const unasked = () => Promise.reject(new Error('asked'));
    const store = createMemoryStore({ listChunks: unasked, head: unasked });
    await expect(completeParts(store, claims, [{ partNumber: 2, etag: 'b' }])).rejects.toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      status: 409,
      message: 'parts are missing; send them again: 1, 3',
      details: [
        { path: 'parts.1', message: 'missing' },
        { path: 'parts.3', message: 'missing' },
      ],
      resend: [
        { offset: 0, size: 10 },
        { offset: 20, size: 5 },
      ],
    });
  });

  it.each([
    ['is not there', (store: MemoryStore) => store.chunks.delete(20)],
    ['is short', (store: MemoryStore) => store.put(20, whole.subarray(20, 24))],
    ['is another one', (store: MemoryStore) => store.put(20, Buffer.alloc(5))],
  ])('names a part that %s, and makes nothing', async (_, spoil) => {
    const { store, named } = await withParts();
    spoil(store);
    await expect(completeParts(store, claims, named)).rejects.toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      details: [{ path: 'parts.3', message: 'missing' }],
      resend: [{ offset: 20, size: 5 }],
    });
    expect(store.originals.size).toBe(0);
  });

  it('answers the same again once the object is there', async () => {
    const { store, named } = await withParts();
    const first = await completeParts(store, claims, named);
    await expect(completeParts(store, claims, named)).resolves.toMatchObject({ etag: first.etag });
    expect(store.counts.writers).toBe(1);
  });

  it('has nothing to do for an upload that is not in parts', async () => {
    const call = completeParts(createMemoryStore(), uploadClaims({ partSize: null }), [{ partNumber: 1, etag: 'a' }]);
    await expect(call).rejects.toMatchObject({ code: 'CONFLICT', status: 409 });
  });
});

describe('completeChunks', () => {
  const sha256 = '0'.repeat(64);

  it.each([
    ['begins behind the file', [{ offset: 25, size: 1, sha256 }], 'chunks.0.offset'],
    ['ends behind the file', [{ offset: 20, size: 6, sha256 }], 'chunks.0.size'],
    ['is listed a hundred times', Array.from({ length: 100 }, () => ({ offset: 0, size: 25, sha256 })), 'chunks'],
  ])('refuses a list whose chunk %s', async (_, chunks, path) => {
    const call = completeChunks(createMemoryStore(), claims, { chunks });
    await expect(call).rejects.toMatchObject({ code: 'INVALID_REQUEST', status: 400, details: [{ path }] });
  });

  it('makes the original of an upload that began in parts', async () => {
    const { store } = await withParts();
    await completeChunks(store, claims, {});
    expect(store.originals.get(key)?.bytes).toEqual(whole);
  });
});

describe('normaliseParts', () => {
  const named = [
    { partNumber: 3, etag: '"c"' },
    { partNumber: 1, etag: 'a' },
    { partNumber: 2, etag: '"b"' },
  ];

  it('counts the same part named twice once', () => {
    const parts = normaliseParts(upload, [...named, { partNumber: 1, etag: '"a"' }]);
    expect([...parts].sort()).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('refuses two ETags for one part and parts that the plan does not have', () => {
    expect(() => normaliseParts(upload, [...named, { partNumber: 1, etag: 'z' }])).toThrow('one ETag for part 1');
    expect(() => normaliseParts(upload, [{ partNumber: 4, etag: 'd' }])).toThrow('expected part numbers up to 3');
  });

  it('agrees with storage when nothing is missing', () => {
    const stored = ['a', 'b', 'c'].map((etag, n) => ({ offset: n * 10, size: n === 2 ? 5 : 10, etag }));
    expect(missingParts(upload, normaliseParts(upload, named), stored)).toEqual([]);
  });
});
