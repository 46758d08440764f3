import { mulberry32 } from '../mulberry32.ts';

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

/** Numbers that depend on the seed and on nothing else. */
export const createRandom = (seed: string): Random => {
  const draw = mulberry32(hash(seed));
  const next = (): number => draw() / 2 ** 32;
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    exponential: (mean) => -mean * Math.log(1 - next()),
  };
};
