import { uploadStatusSchema } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import { IMAGE_ID, uploadClaims } from '../../test/support/fixtures.ts';
import { createMemoryStore } from '../../test/support/memory-store.ts';
import { uploadStatus } from './upload-status.ts';

const claims = uploadClaims({ size: 25, partSize: null });
const original = (bytes: Buffer) => ({ key: originalKey(IMAGE_ID), contentType: 'image/jpeg', metadata: {}, bytes });

describe('uploadStatus', () => {
  it('tells nothing of an upload of which nothing has arrived', async () => {
    const status = await uploadStatus(createMemoryStore(), claims);

    expect(uploadStatusSchema.parse(status)).toEqual({
      imageId: IMAGE_ID,
      size: 25,
      state: 'open',
      received: [],
      etag: null,
      expiresAt: '2026-11-23T21:40:00.000Z',
    });
  });

  it('lists what has arrived by offset, overlaps and all, without ETags', async () => {
    const store = createMemoryStore();
    store.put(20, Buffer.alloc(5));
    store.put(0, Buffer.alloc(10));
    store.put(5, Buffer.alloc(10));

    const status = await uploadStatus(store, claims);

    expect(uploadStatusSchema.parse(status)).toMatchObject({
      state: 'open',
      received: [
        { offset: 0, size: 10 },
        { offset: 5, size: 10 },
        { offset: 20, size: 5 },
      ],
    });
  });

  it('is open when all bytes have arrived and nobody has completed it', async () => {
    const store = createMemoryStore();
    store.put(0, Buffer.alloc(25));

    await expect(uploadStatus(store, claims)).resolves.toMatchObject({ state: 'open', etag: null });
  });

  it('is complete once the original is stored, and lists no chunk that was left behind', async () => {
    const store = createMemoryStore();
    store.put(0, Buffer.alloc(10));
    store.originals.set(originalKey(IMAGE_ID), original(Buffer.alloc(25)));

    const status = await uploadStatus(store, claims);

    const head = await store.head(originalKey(IMAGE_ID));
    expect(uploadStatusSchema.parse(status)).toMatchObject({ state: 'complete', received: [], etag: head?.etag });
  });

  it('is open beside an original of another size', async () => {
    const store = createMemoryStore();
    store.put(0, Buffer.alloc(10));
    store.originals.set(originalKey(IMAGE_ID), original(Buffer.alloc(24)));

    await expect(uploadStatus(store, claims)).resolves.toMatchObject({
      state: 'open',
      received: [{ offset: 0, size: 10 }],
      etag: null,
    });
  });

  it('asks storage both questions at once', async () => {
    const asked: string[] = [];
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const ports = {
      head: () => {
        asked.push('head');
        return answered.then(() => undefined);
      },
      listChunks: () => {
        asked.push('list');
        return answered.then(() => []);
      },
    };

    const status = uploadStatus(ports, claims);

    expect(asked).toEqual(['head', 'list']);
    answer();
    await expect(status).resolves.toMatchObject({ state: 'open' });
  });

  it.each(['head', 'listChunks'] as const)('fails when %s does', async (name) => {
    const store = createMemoryStore({ [name]: () => Promise.reject(new Error('down')) });

    await expect(uploadStatus(store, claims)).rejects.toThrow('down');
  });
});
