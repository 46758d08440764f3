import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ChunkStore, ObjectFacts } from '../../src/ports.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const etagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

export interface MemoryOriginal extends ObjectFacts {
  readonly bytes: Buffer;
}

/** A bucket in memory behind the ports of an upload in chunks, with counters of what was asked of it. */
export interface MemoryStore extends ChunkStore {
  readonly chunks: Map<number, Uint8Array>;
  readonly originals: Map<string, MemoryOriginal>;
  readonly counts: { reads: number; reading: number; mostReading: number; writers: number; discarded: number };
  /** Puts a chunk as a client would. */
  readonly put: (offset: number, bytes: Uint8Array) => void;
}

/** `sizes` of the pieces in which a chunk's bytes arrive. */
const pieces = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));

export const createMemoryStore = (changes: Partial<ChunkStore> = {}): MemoryStore => {
  const chunks = new Map<number, Uint8Array>();
  const originals = new Map<string, MemoryOriginal>();
  const counts = { reads: 0, reading: 0, mostReading: 0, writers: 0, discarded: 0 };
  async function* stream(bytes: Uint8Array) {
    counts.reading += 1;
    counts.mostReading = Math.max(counts.mostReading, counts.reading);
    try {
      for (const piece of pieces(bytes, 40_000)) {
        await setImmediate();
        yield piece;
      }
    } finally {
      counts.reading -= 1;
    }
  }
  return {
    chunks,
    originals,
    counts,
    put: (offset, bytes) => chunks.set(offset, bytes),
    signChunk: () => Promise.reject(new Error('signChunk was not expected to be called')),
    listChunks: () =>
      Promise.resolve(
        [...chunks]
          .map(([offset, bytes]) => ({ offset, size: bytes.length, etag: etagOf(bytes) }))
          .sort((a, b) => a.offset - b.offset),
      ),
    readChunk: (_, offset, length) => {
      counts.reads += 1;
      const bytes = chunks.get(offset);
      return Promise.resolve(bytes && stream(bytes.subarray(0, length)));
    },
    putChunk: (_, offset, bytes) => {
      chunks.set(offset, bytes);
      return Promise.resolve();
    },
    deleteChunks: (_, offsets) => {
      for (const offset of offsets ?? [...chunks.keys()]) chunks.delete(offset);
      return Promise.resolve();
    },
    writeOriginal: (facts) => {
      counts.writers += 1;
      const written: Buffer[] = [];
      return Promise.resolve({
        write: (bytes) => {
          written.push(Buffer.from(bytes));
          return setImmediate();
        },
        commit: async (sha256) => {
          await setImmediate();
          const { key, contentType } = facts;
          const made = { key, contentType, metadata: { ...facts.metadata, sha256 }, bytes: Buffer.concat(written) };
          if (!originals.has(key)) originals.set(key, made);
          return etagOf(originals.get(key)?.bytes ?? Buffer.alloc(0));
        },
        discard: () => {
          counts.discarded += 1;
          return Promise.resolve();
        },
      });
    },
    head: (key) => {
      const original = originals.get(key);
      if (original === undefined) return Promise.resolve(undefined);
      const { bytes, metadata } = original;
      const sha256 = metadata['sha256'];
      return Promise.resolve({ etag: etagOf(bytes), size: bytes.length, ...(sha256 !== undefined && { sha256 }) });
    },
    ...changes,
  };
};
