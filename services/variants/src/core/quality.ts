import { type Ladder, qualityTierOf } from '@darkroom/types/ladder';
import type { Rendition } from './plan.ts';

/** Pixels at which `encoders` of the ladder name their quality: 640 × 480. */
const BASE_PIXELS = 307_200;

type Named = Pick<Rendition, 'format' | 'tier' | 'pixels'>;

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));

/**
 * The quality at which a rendition is expected to reach its tier's likeness: a straight line through the difficulty of the picture
 * and its size, fitted to photographs (docs/benchmarks.md, `bytes`). It costs nothing, where a search by trial costs several encodes.
 * `difficulty` is `metadata.difficulty`; 0 is the average photograph.
 */
export const qualityOf = (ladder: Ladder, { format, tier, pixels }: Named, difficulty: number): number => {
  const looks = qualityTierOf(tier);
  const { perOctave, perDifficulty, difficultyPerOctave = 0, least, most } = ladder.quality[format][looks];
  const octaves = Math.log2((pixels.width * pixels.height) / BASE_PIXELS) / 2;
  const forDifficulty = perDifficulty * difficulty * (1 + difficultyPerOctave * octaves);
  return clamp(ladder.encoders[format][looks].quality + perOctave * octaves + forDifficulty, least, most);
};

/** Most bytes that a rendition may have, or undefined where its tier has no budget. */
export const byteBudget = (ladder: Ladder, { tier, pixels }: Pick<Rendition, 'tier' | 'pixels'>): number | undefined =>
  tier === 'l' ? Math.ceil((ladder.lowTierBytesPerMegapixel * pixels.width * pixels.height) / 1_000_000) : undefined;

/** What a file's headers take however coarse the picture: no budget is meant for them. */
const HEADER_BYTES = 1_000;

/** Files of AVIF, WebP and JPEG grow by about this factor for each step of quality between 20 and 75. */
const GROWTH = 1.035;

/**
 * The next quality to try for a file that is over its budget; undefined when it is within it, or cannot go lower. Each try gets at
 * least two steps lower, so that there is an end.
 */
export const lowerQuality = (
  ladder: Ladder,
  rendition: Named,
  { quality, bytes }: { quality: number; bytes: number },
): number | undefined => {
  const budget = byteBudget(ladder, rendition);
  const { least } = ladder.quality[rendition.format][qualityTierOf(rendition.tier)];
  if (budget === undefined || bytes <= Math.max(budget, HEADER_BYTES) || quality <= least) return undefined;
  const steps = Math.ceil(Math.log(bytes / budget) / Math.log(GROWTH));
  return Math.max(least, quality - Math.max(2, steps));
};
