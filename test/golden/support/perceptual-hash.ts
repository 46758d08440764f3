/** Side of the square that is hashed, in pixels, and of the block of frequencies that is kept. */
const SIDE = 32;
const KEPT = 8;

/** Luma of a square picture at 32 × 32 pixels; `side` must be a multiple of it. */
const lumaOf = (pixels: Uint8Array, side: number): number[] => {
  const step = side / SIDE;
  return Array.from({ length: SIDE * SIDE }, (_, index) => {
    const [x0, y0] = [(index % SIDE) * step, Math.floor(index / SIDE) * step];
    let sum = 0;
    for (let y = y0; y < y0 + step; y++)
      for (let x = x0; x < x0 + step; x++) {
        const at = 3 * (y * side + x);
        sum += 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0);
      }
    return sum / step ** 2;
  });
};

const WAVES = Array.from({ length: KEPT * SIDE }, (_, index) =>
  Math.cos((Math.PI * Math.floor(index / SIDE) * (2 * (index % SIDE) + 1)) / (2 * SIDE)),
);

/**
 * The frequencies of a picture that make its composition (pHash: Zauner, "Implementation and Benchmarking of Perceptual Image Hash
 * Functions", 2010): the lowest 8 × 8 of its cosine transform but the first.
 */
const frequencies = (luma: readonly number[]): number[] => {
  const wave = (frequency: number, at: number): number => WAVES[frequency * SIDE + at] ?? 0;
  // One direction after the other, as the transform of a row does not depend on those of others.
  const rows = Array.from({ length: SIDE * KEPT }, (_, index) => {
    const [y, u] = [Math.floor(index / KEPT), index % KEPT];
    let sum = 0;
    for (let x = 0; x < SIDE; x++) sum += (luma[y * SIDE + x] ?? 0) * wave(u, x);
    return sum;
  });
  const found = Array.from({ length: KEPT * KEPT }, (_, index) => {
    const [v, u] = [Math.floor(index / KEPT), index % KEPT];
    let sum = 0;
    for (let y = 0; y < SIDE; y++) sum += (rows[y * KEPT + u] ?? 0) * wave(v, y);
    return sum;
  });
  return found.slice(1);
};

/** 63 bits: true for each frequency above their median. */
export const perceptualHash = (pixels: Uint8Array, side: number): readonly boolean[] => {
  const found = frequencies(lumaOf(pixels, side));
  const median = found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
  return found.map((value) => value > median);
};

/** Bits in which two hashes differ: about 31 for two pictures that have nothing to do with each other. */
export const distance = (a: readonly boolean[], b: readonly boolean[]): number =>
  a.filter((bit, index) => bit !== b[index]).length;
