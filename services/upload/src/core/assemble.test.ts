import type { ChunkOrder } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import { randomBytes } from '../../../../packages/client/test/support/random.ts';
import { uploadClaims } from '../../test/support/fixtures.ts';
import { createMemoryStore, type MemoryStore, sha256Of } from '../../test/support/memory-store.ts';
import { type AssemblePorts, assemble } from './assemble.ts';

const CHUNK = 1_000;
const whole = randomBytes(4_500);
const sha256 = sha256Of(whole);
const claims = uploadClaims({ size: whole.length, partSize: null });
const key = originalKey(claims.imageId);

const cut = (offset: number, size: number): Uint8Array => whole.subarray(offset, offset + size);
const ordersOf = (size: number): ChunkOrder[] =>
  Array.from({ length: Math.ceil(whole.length / size) }, (_, n) => {
    const bytes = cut(n * size, size);
    return { offset: n * size, size: bytes.length, sha256: sha256Of(bytes) };
  });
const chunks = ordersOf(CHUNK);
const wanted = { sha256, chunks };

/** A store that holds the file in chunks of `size` bytes. */
const storeWith = (size = CHUNK): MemoryStore => {
  const store = createMemoryStore();
  for (const order of ordersOf(size)) store.put(order.offset, cut(order.offset, order.size));
  return store;
};
const bytesIn = (store: MemoryStore) => store.originals.get(key)?.bytes;

describe('assemble', () => {
  it.each([
    ['one chunk', whole.length],
    ['many chunks', CHUNK],
    ['a great many', 7],
  ])('makes the original of %s, in order, and deletes them', async (_, size) => {
    const store = storeWith(size);

    const made = await assemble(store, claims, { sha256, chunks: ordersOf(size) });

    expect(made.sha256).toBe(sha256);
    expect(made.etag).toBe((await store.head(key))?.etag);
    expect(bytesIn(store)).toEqual(Buffer.from(whole));
    expect(store.chunks.size).toBe(0);
  });

  it.each([
    ['nothing of the file', {}],
    ['its hash alone', { sha256 }],
    ['its chunks alone', { chunks }],
  ])('makes it for a client that tells %s, and answers its hash', async (_, told) => {
    const store = storeWith();

    const made = await assemble(store, claims, told);

    expect(made.sha256).toBe(sha256);
    expect(bytesIn(store)).toEqual(Buffer.from(whole));
  });

  it('gives the original the type, the owner, the name and the hash of the upload', async () => {
    const store = storeWith();

    await assemble(store, claims, {});

    expect(store.originals.get(key)).toMatchObject({
      key,
      contentType: 'image/jpeg',
      metadata: { tenant: 'acme', owner: 'ada', filename: 'a.jpg', sha256 },
    });
  });

  it('puts a hash that it knows before it reads into what is written with the object', async () => {
    const announced: unknown[] = [];
    const store = storeWith();
    const ports: AssemblePorts = {
      ...store,
      writeOriginal: (facts) => {
        announced.push([facts.metadata['sha256'], facts.size]);
        return store.writeOriginal(facts);
      },
    };

    await assemble(ports, uploadClaims({ ...claims, sha256 }), {});

    expect(announced).toEqual([[sha256, whole.length]]);
  });

  it('takes each byte once from chunks that overlap after a change of sizes', async () => {
    const store = createMemoryStore();
    for (const [offset, size] of [
      [0, 1_000],
      [500, 2_000],
      [1_000, 500],
      [2_000, 2_500],
      [4_000, 500],
    ] as const)
      store.put(offset, cut(offset, size));

    await assemble(store, claims, { sha256 });

    expect(bytesIn(store)).toEqual(Buffer.from(whole));
    expect(store.chunks.size).toBe(0);
  });

  it('reads what the client lists rather than what else holds the same bytes', async () => {
    const store = storeWith();
    store.put(500, Buffer.alloc(4_000));

    await assemble(store, claims, wanted);

    expect(bytesIn(store)).toEqual(Buffer.from(whole));
  });

  it('reads the parts of an upload in parts rather than what else holds the same bytes', async () => {
    const store = storeWith();
    store.put(500, Buffer.alloc(4_000));

    await assemble(store, claims, { parts: chunks.map(({ offset, size }) => ({ offset, size })) });

    expect(bytesIn(store)).toEqual(Buffer.from(whole));
  });

  it('takes of a chunk that ends behind the file what belongs to it', async () => {
    const store = storeWith();
    store.put(4_000, Buffer.concat([cut(4_000, 500), Buffer.alloc(500)]));

    await assemble(store, claims, { sha256 });

    expect(bytesIn(store)).toEqual(Buffer.from(whole));
  });
});

describe('assemble with a large file', () => {
  const large = (size: number, count: number) => {
    const store = createMemoryStore();
    const bytes = Buffer.alloc(size, 7);
    for (let n = 0; n < count; n += 1) store.put(n * size, bytes);
    return { store, claims: uploadClaims({ size: size * count, partSize: null }) };
  };

  it('never holds more than 24 MiB that are read and not yet written', async () => {
    const { store, claims: upload } = large(1_900_000, 30);
    let held = 0;
    let most = 0;
    const ports: AssemblePorts = {
      ...store,
      readChunk: (imageId, offset, length) => {
        held += length ?? 0;
        most = Math.max(most, held);
        return store.readChunk(imageId, offset, length);
      },
      writeOriginal: async (facts) => {
        const writer = await store.writeOriginal(facts);
        return {
          ...writer,
          write: async (bytes) => {
            await writer.write(bytes);
            held -= bytes.length;
          },
        };
      },
    };

    await assemble(ports, upload, {});

    expect(most).toBeLessThanOrEqual(24 * 1_048_576);
    expect(most).toBeGreaterThan(20 * 1_048_576);
    expect(held).toBe(0);
  });

  it('has several reads under way', async () => {
    const { store, claims: upload } = large(65_536, 60);

    await assemble(store, upload, {});

    expect(store.counts.reads).toBe(60);
    expect(store.counts.mostReading).toBeGreaterThan(8);
  });

  it('never has more than 16 reads under way', async () => {
    const { store, claims: upload } = large(65_536, 60);

    await assemble(store, upload, {});

    expect(store.counts.mostReading).toBeLessThanOrEqual(16);
  });
});

describe('assemble, called again', () => {
  it('answers the same and writes nothing', async () => {
    const store = storeWith();

    const first = await assemble(store, claims, wanted);
    const again = await assemble(store, claims, wanted);

    expect(again).toEqual(first);
    expect(store.counts).toMatchObject({ writers: 1, reads: chunks.length });
  });

  it('answers no hash when nobody told it and the original is there already', async () => {
    const store = storeWith();

    const first = await assemble(store, claims, {});
    const again = await assemble(store, claims, {});

    expect(again).toEqual({ etag: first.etag, sha256: null });
  });

  it('deletes chunks that a first call left behind', async () => {
    const store = storeWith();
    await assemble(store, claims, wanted);
    store.put(0, cut(0, CHUNK));

    await assemble(store, claims, wanted);

    expect(store.chunks.size).toBe(0);
  });

  it('makes one original for two calls at once, and answers both the same', async () => {
    const store = storeWith();

    const answers = await Promise.all([assemble(store, claims, wanted), assemble(store, claims, wanted)]);

    expect(answers[0]).toEqual(answers[1]);
    expect(bytesIn(store)).toEqual(Buffer.from(whole));
    expect([store.originals.size, store.chunks.size]).toEqual([1, 0]);
  });

  it('answers the original of a call that finished while it was about to read', async () => {
    const store = storeWith();
    let other: ReturnType<typeof assemble> | undefined;
    const late: AssemblePorts = {
      ...store,
      readChunk: async (...args) => {
        other ??= assemble(store, claims, wanted);
        await other;
        return store.readChunk(...args);
      },
    };

    const answer = await assemble(late, claims, wanted);

    expect(answer).toEqual(await other);
    expect(store.counts).toMatchObject({ writers: 2, discarded: 1 });
    expect(bytesIn(store)).toEqual(Buffer.from(whole));
  });

  it('answers the original of a call that finished while it was about to list', async () => {
    const store = storeWith();
    const late: AssemblePorts = {
      ...store,
      listChunks: async (imageId) => {
        await assemble(store, claims, wanted);
        return store.listChunks(imageId);
      },
    };

    const answer = await assemble(late, claims, wanted);

    expect(answer).toEqual({ etag: (await store.head(key))?.etag, sha256 });
    expect(store.counts.writers).toBe(1);
  });
});
