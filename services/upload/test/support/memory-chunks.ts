import { createHash } from 'node:crypto';
import { originalKey } from '@darkroom/types/keys';
import type { StagedPorts } from '../../src/core/tus/staged.ts';
import type { ObjectFacts } from '../../src/ports.ts';

export interface MemoryChunks {
  readonly store: StagedPorts['store'];
  /** `{imageId}/{offset}` to bytes. */
  readonly chunks: Map<string, Buffer>;
  /** Key to bytes. */
  readonly originals: Map<string, Buffer>;
  readonly facts: Map<string, ObjectFacts>;
}

const etagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

async function* inTwo(bytes: Buffer): AsyncGenerator<Buffer> {
  const middle = Math.ceil(bytes.length / 2);
  yield await Promise.resolve(bytes.subarray(0, middle));
  yield bytes.subarray(middle);
}

/** The staging area and the originals in memory, with S3's rules of conditional writes. `calls` fail by name when told to. */
export const memoryChunks = (): MemoryChunks => {
  const chunks = new Map<string, Buffer>();
  const originals = new Map<string, Buffer>();
  const facts = new Map<string, ObjectFacts>();
  const place = (imageId: string, offset: number): string => `${imageId}/${String(offset)}`;

  const store: StagedPorts['store'] = {
    signChunk: () => Promise.reject(new Error('signChunk was not expected to be called')),
    listChunks: (imageId) =>
      Promise.resolve(
        [...chunks]
          .filter(([name]) => name.startsWith(`${imageId}/`))
          .map(([name, bytes]) => ({
            offset: Number(name.slice(imageId.length + 1)),
            size: bytes.length,
            etag: etagOf(bytes),
          }))
          .sort((a, b) => a.offset - b.offset),
      ),
    readChunk: (imageId, offset, length) => {
      const bytes = chunks.get(place(imageId, offset));
      return Promise.resolve(bytes && inTwo(bytes.subarray(0, length)));
    },
    putChunk: (imageId, offset, bytes) => {
      chunks.set(place(imageId, offset), Buffer.from(bytes));
      return Promise.resolve();
    },
    putChunkOnce: (imageId, offset, bytes) => {
      if (chunks.has(place(imageId, offset))) return Promise.resolve(false);
      chunks.set(place(imageId, offset), Buffer.from(bytes));
      return Promise.resolve(true);
    },
    deleteChunks: (imageId, offsets) => {
      for (const name of [...chunks.keys()])
        if (
          name.startsWith(`${imageId}/`) &&
          (offsets === undefined || offsets.some((at) => name === place(imageId, at)))
        )
          chunks.delete(name);
      return Promise.resolve();
    },
    writeOriginal: (wanted) => {
      const parts: Buffer[] = [];
      return Promise.resolve({
        write: (bytes) => {
          parts.push(Buffer.from(bytes));
          return Promise.resolve();
        },
        commit: () => {
          const there = originals.get(wanted.key) ?? Buffer.concat(parts);
          originals.set(wanted.key, there);
          facts.set(wanted.key, wanted);
          return Promise.resolve(etagOf(there));
        },
        discard: () => Promise.resolve(),
      });
    },
    head: (key) => {
      const bytes = originals.get(key);
      return Promise.resolve(bytes && { etag: etagOf(bytes), size: bytes.length });
    },
  };
  return { store, chunks, originals, facts };
};

/** The original of an image, or undefined. */
export const originalOf = ({ originals }: MemoryChunks, imageId: string): Buffer | undefined =>
  originals.get(originalKey(imageId));
