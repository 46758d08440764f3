import type { ChunkOrder } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import { randomBytes } from '../../../../packages/client/test/support/random.ts';
import { storeOf, uploadClaims } from '../../test/support/fixtures.ts';
import { createMemoryStore, type MemoryStore, sha256Of } from '../../test/support/memory-store.ts';
import { type AssemblePorts, assemble } from './assemble.ts';

const CHUNK = 1_000;
const whole = randomBytes(4_500);
const sha256 = sha256Of(whole);
const claims = uploadClaims({ size: whole.length, partSize: null });
const key = originalKey(claims.imageId);

const cut = (offset: number, size = CHUNK): Uint8Array => whole.subarray(offset, offset + size);
const chunks: ChunkOrder[] = [0, 1_000, 2_000, 3_000, 4_000].map((offset) => ({
  offset,
  size: cut(offset).length,
  sha256: sha256Of(cut(offset)),
}));
const wanted = { sha256, chunks };
const rangesAt = (...offsets: readonly number[]) => offsets.map((offset) => ({ offset, size: cut(offset).length }));

/** The first chunk, its last byte wrong by one bit. */
const flipped = cut(0).map((byte, n) => byte ^ Number(n === CHUNK - 1));

/** A store that holds the file in its chunks, but for what `spoil` does. */
const storeWith = (spoil: (store: MemoryStore) => void = () => {}): MemoryStore => {
  const store = createMemoryStore();
  for (const { offset } of chunks) store.put(offset, cut(offset));
  spoil(store);
  return store;
};
const offsetsIn = (store: MemoryStore) => [...store.chunks.keys()].sort((a, b) => a - b);
/** Sends again what an answer names, and completes. */
const sendAgain = async (store: MemoryStore, offsets: readonly number[]) => {
  for (const offset of offsets) store.put(offset, cut(offset));
  await assemble(store, claims, wanted);
  return store.originals.get(key)?.bytes;
};

describe('assemble of an upload with missing bytes', () => {
  it.each([
    ['the first chunk', [0]],
    ['one in the middle', [2_000]],
    ['the last one, which is shorter', [4_000]],
    ['two side by side', [1_000, 2_000]],
    ['all of them', [0, 1_000, 2_000, 3_000, 4_000]],
  ])('names %s on the borders of the chunks, writes nothing, and completes with it', async (_, missing) => {
    const store = storeWith(({ chunks: stored }) => missing.forEach((offset) => stored.delete(offset)));

    const call = assemble(store, claims, wanted);

    await expect(call).rejects.toMatchObject({ code: 'UPLOAD_INCOMPLETE', status: 409, resend: rangesAt(...missing) });
    expect(store.counts.writers).toBe(0);
    await expect(sendAgain(store, missing)).resolves.toEqual(Buffer.from(whole));
  });

  it('names the stretch itself when the client lists no chunks', async () => {
    const store = storeWith(({ chunks: stored }) => [1_000, 2_000].forEach((offset) => stored.delete(offset)));

    const call = assemble(store, claims, { sha256 });

    await expect(call).rejects.toMatchObject({ code: 'UPLOAD_INCOMPLETE', resend: [{ offset: 1_000, size: 2_000 }] });
  });

  it.each([
    ['is gone', undefined],
    ['is shorter', cut(2_000, 999)],
  ])('names a chunk that %s when its turn comes, discards what was written and deletes nothing', async (_, bytes) => {
    const store = storeWith();
    const ports: AssemblePorts = {
      ...store,
      readChunk: (imageId, offset, length) => {
        store.chunks.delete(2_000);
        if (bytes !== undefined) store.put(2_000, bytes);
        return store.readChunk(imageId, offset, length);
      },
    };

    const call = assemble(ports, claims, wanted);

    await expect(call).rejects.toMatchObject({ code: 'UPLOAD_INCOMPLETE', resend: rangesAt(2_000) });
    expect(store.counts).toMatchObject({ writers: 1, discarded: 1 });
    expect(store.originals.size).toBe(0);
    await expect(sendAgain(store, [2_000])).resolves.toEqual(Buffer.from(whole));
  });
});

describe('assemble of an upload with wrong bytes', () => {
  it.each([
    ['is zeroed', [1_000], ({ put }: MemoryStore) => put(1_000, Buffer.alloc(CHUNK))],
    ['is wrong by one bit', [0], ({ put }: MemoryStore) => put(0, flipped)],
    ['has the bytes of another', [3_000], ({ put }: MemoryStore) => put(3_000, cut(1_000))],
    [
      'changed places with another',
      [1_000, 3_000],
      ({ put }: MemoryStore) => {
        put(1_000, cut(3_000));
        put(3_000, cut(1_000));
      },
    ],
    ['is a byte too short', [4_000], ({ put }: MemoryStore) => put(4_000, cut(4_000, 499))],
    ['is a byte too long', [2_000], ({ put }: MemoryStore) => put(2_000, cut(2_000, 1_001))],
    [
      'is zeroed, and its neighbour, too',
      [2_000, 3_000],
      ({ put }: MemoryStore) => [2_000, 3_000].forEach((at) => put(at, Buffer.alloc(CHUNK))),
    ],
  ])('names and deletes exactly what is wrong when a chunk %s, and completes with it', async (_, wrong, spoil) => {
    const store = storeWith(spoil);

    const call = assemble(store, claims, wanted);

    await expect(call).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', status: 409, resend: rangesAt(...wrong) });
    expect(offsetsIn(store)).toEqual([0, 1_000, 2_000, 3_000, 4_000].filter((offset) => !wrong.includes(offset)));
    expect(store.originals.size).toBe(0);
    expect(store.counts.discarded).toBe(store.counts.writers);
    await expect(sendAgain(store, wrong)).resolves.toEqual(Buffer.from(whole));
  });

  it('writes nothing more once a chunk has proved wrong, and reads on to find all that are', async () => {
    const store = storeWith(({ put }) =>
      [1_000, 4_000].forEach((offset) => put(offset, Buffer.alloc(cut(offset).length))),
    );
    const written: number[] = [];
    const ports: AssemblePorts = {
      ...store,
      writeOriginal: async (facts) => ({
        ...(await store.writeOriginal(facts)),
        write: async (bytes) => void written.push(bytes.length),
      }),
    };

    const call = assemble(ports, claims, wanted);

    await expect(call).rejects.toMatchObject({ resend: rangesAt(1_000, 4_000) });
    expect(written).toEqual([CHUNK]);
    expect(store.counts.reads).toBe(chunks.length);
  });

  it('names what is missing together with what has the wrong size', async () => {
    const store = storeWith(({ put, chunks: stored }) => (put(1_000, cut(1_000, 1)), stored.delete(3_000)));

    const call = assemble(store, claims, wanted);

    await expect(call).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', resend: rangesAt(1_000, 3_000) });
  });

  it('deletes the chunk that wrong bytes came from, and names all that nothing holds without it', async () => {
    const store = storeWith(({ put, chunks: stored }) => {
      for (const offset of [1_000, 2_000, 3_000]) stored.delete(offset);
      put(1_000, Buffer.concat([cut(1_000), Buffer.alloc(CHUNK), cut(3_000)]));
    });

    const call = assemble(store, claims, { sha256, chunks: chunks.filter(({ offset }) => offset !== 1_000) });

    await expect(call).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', resend: rangesAt(1_000, 2_000, 3_000) });
    expect(offsetsIn(store)).toEqual([0, 4_000]);
  });

  it.each([
    ['lists no chunks', undefined, [{ offset: 0, size: 4_500 }]],
    ['lists chunks that are all right', chunks, rangesAt(0, 1_000, 2_000, 3_000, 4_000)],
  ])('has all of the file sent again when the whole is wrong and the client %s', async (_, listed, resend) => {
    const store = storeWith();
    const other = sha256Of(Buffer.from('another file'));

    const call = assemble(store, claims, { sha256: other, chunks: listed });

    await expect(call).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', resend });
    expect(store.chunks.size).toBe(0);
    expect(store.originals.size).toBe(0);
    expect(store.counts.discarded).toBe(1);
  });

  it('holds the file to the hash that was announced when the completion tells none', async () => {
    const store = storeWith(({ put }) => put(2_000, Buffer.alloc(CHUNK)));

    const call = assemble(store, uploadClaims({ ...claims, sha256 }), {});

    await expect(call).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', resend: [{ offset: 0, size: 4_500 }] });
  });
});

describe('assemble when something else is in the way', () => {
  it('refuses a hash other than the announced one before it asks storage anything', async () => {
    const call = assemble(storeOf(), uploadClaims({ ...claims, sha256 }), { sha256: '0'.repeat(64) });

    await expect(call).rejects.toMatchObject({ code: 'INVALID_REQUEST', status: 400, details: [{ path: 'sha256' }] });
  });

  it('refuses when there is an original of another size, and deletes nothing', async () => {
    const store = storeWith();
    store.originals.set(key, { key, contentType: 'image/jpeg', metadata: {}, bytes: Buffer.alloc(4_499) });

    const call = assemble(store, claims, wanted);

    await expect(call).rejects.toMatchObject({ code: 'CONFLICT', status: 409 });
    expect(store.chunks.size).toBe(chunks.length);
  });

  it('refuses another hash of an upload that is finished, and keeps what is stored', async () => {
    const store = storeWith();
    const made = await assemble(store, claims, wanted);

    const other = assemble(store, claims, { sha256: '0'.repeat(64) });
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT', status: 409 });
    const again = await assemble(store, claims, wanted);

    expect(again).toEqual(made);
  });

  it('never fails a finished upload by chunks that cannot be deleted, but tells of them', async () => {
    const store = storeWith();
    const kept = new Error('kept');
    const left: unknown[] = [];
    const ports: AssemblePorts = {
      ...store,
      deleteChunks: () => Promise.reject(kept),
      onLeftBehind: (error) => left.push(error),
    };

    const first = await assemble(ports, claims, wanted);
    const again = await assemble(ports, claims, wanted);

    expect(again).toEqual(first);
    expect(left).toEqual([kept, kept]);
  });

  it('fails by chunks that cannot be deleted when nobody wants to be told, with the original in place', async () => {
    const store = storeWith();

    const call = assemble({ ...store, deleteChunks: () => Promise.reject(new Error('kept')) }, claims, wanted);

    await expect(call).rejects.toThrow('kept');
    expect(store.originals.size).toBe(1);
    await expect(assemble(store, claims, wanted)).resolves.toMatchObject({ sha256 });
  });

  it.each([
    ['is refused', () => Promise.reject(new Error('down'))],
    [
      'breaks in the middle',
      async () =>
        (async function* () {
          yield await Promise.resolve(cut(2_000, 400));
          throw new Error('down');
        })(),
    ],
  ])('passes the error of a read that %s, discards what was written and deletes nothing', async (_, read) => {
    const store = storeWith();
    const ports: AssemblePorts = {
      ...store,
      readChunk: (imageId, offset, length) => (offset === 2_000 ? read() : store.readChunk(imageId, offset, length)),
    };

    await expect(assemble(ports, claims, wanted)).rejects.toThrow('down');

    expect(store.counts).toMatchObject({ writers: 1, discarded: 1 });
    expect(offsetsIn(store)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    expect(store.originals.size).toBe(0);
    await expect(assemble(store, claims, wanted)).resolves.toMatchObject({ sha256 });
  });

  it.each(['write', 'commit'] as const)('passes the error of a writer that fails to %s, and discards', async (name) => {
    const store = storeWith();
    const ports: AssemblePorts = {
      ...store,
      writeOriginal: async (facts) => ({
        ...(await store.writeOriginal(facts)),
        [name]: () => Promise.reject(new Error('full')),
      }),
    };

    await expect(assemble(ports, claims, wanted)).rejects.toThrow('full');

    expect(store.counts.discarded).toBe(1);
    expect(store.chunks.size).toBe(chunks.length);
  });
});
