import { createCipheriv } from 'node:crypto';

/** Mulberry32: small, seeded, good enough to choose faults by. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** The same bytes for the same seed, as fast as a cipher makes them: tests send many megabytes. */
export const randomBytes = (size: number, seed = 1): Uint8Array<ArrayBuffer> => {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed >>> 0);
  return new Uint8Array(createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size)));
};
