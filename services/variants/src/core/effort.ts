import type { Ladder } from '@darkroom/types/ladder';

/** The same ladder with another effort for AVIF, 0 to 9: the same quality for more time and fewer bytes. */
export const withEffort = (ladder: Ladder, effort: number): Ladder => {
  const { avif } = ladder.encoders;
  return {
    ...ladder,
    encoders: { ...ladder.encoders, avif: { n: { ...avif.n, effort }, l: { ...avif.l, effort } } },
  };
};
