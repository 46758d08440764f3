import type { Ladder } from '@darkroom/types/ladder';

/**
 * The same ladder with another effort for AVIF, 0 to 9, and with `qualityOffset` (zero or less) added to its quality, so that
 * the result is as similar to the original as before: the same look for more time and fewer bytes.
 */
export const withEffort = (ladder: Ladder, effort: number, qualityOffset = 0): Ladder => {
  const changed = (avif: Ladder['encoders']['avif']['n']) => ({
    ...avif,
    effort,
    quality: Math.max(1, avif.quality + qualityOffset),
  });
  const { n, l } = ladder.encoders.avif;
  return { ...ladder, encoders: { ...ladder.encoders, avif: { n: changed(n), l: changed(l) } } };
};
