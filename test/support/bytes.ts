import { createHash } from 'node:crypto';

/** The same bytes for the same seed, and no two stretches alike: a part in the wrong place changes the digest. */
export const bytesOf = (size: number, seed: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size);
  for (let offset = 0, block = 0; offset < size; offset += 32, block += 1)
    bytes.set(
      createHash('sha256')
        .update(`${seed}:${block}`)
        .digest()
        .subarray(0, Math.min(32, size - offset)),
      offset,
    );
  return bytes;
};
