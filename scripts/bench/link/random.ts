/** A stream of seeded random numbers. */
export interface Random {
  /** Uniform, from 0 up to, not including, 1. */
  readonly next: () => number;
  /** Uniform between the two. */
  readonly between: (low: number, high: number) => number;
  /** Exponential: the distance to the next event of a process without memory. */
  readonly exponential: (mean: number) => number;
}

/** FNV-1a over the text, 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
};

/** Numbers that depend on the seed and on nothing else (mulberry32: 32 bits of state are plenty for a few thousand draws). */
export const createRandom = (seed: string): Random => {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    exponential: (mean) => -mean * Math.log(1 - next()),
  };
};
