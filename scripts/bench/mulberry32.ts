/**
 * Whole numbers of 32 bits, without sign, that depend on the seed and on nothing else: Tommy Ettinger's mulberry32, whose 32 bits of state are plenty for inputs
 * that have to be the same in every run.
 */
export const mulberry32 = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};
