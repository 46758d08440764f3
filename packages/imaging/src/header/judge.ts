import { pixelLimitOf } from '../pixel-limit.ts';
import type { RejectCode } from '@darkroom/types/codes';
import type { ImageHeader } from '@darkroom/types/image';
import type { Limits } from '@darkroom/types/limits';

type Rule = (header: ImageHeader, limits: Limits['validate']) => boolean;

/**
 * Rule → code, in the order in which they are judged. Each side is bounded besides the product: a PNG of 8,388,609 × 3 is 25
 * megapixels and took 2.5 GB (docs/hostile-images.md, "Dangers" 1).
 */
const RULES: readonly (readonly [broken: Rule, code: RejectCode])[] = [
  [({ format }, { acceptedFormats }) => format === 'heic' && !acceptedFormats.includes(format), 'HEIC_UNSUPPORTED'],
  [({ format }, { acceptedFormats }) => !acceptedFormats.includes(format), 'UNSUPPORTED_FORMAT'],
  [({ width, height }, { minSide }) => Math.min(width, height) < minSide, 'CORRUPT_HEADER'],
  [({ width, height }, { maxSide }) => Math.max(width, height) > maxSide, 'TOO_LARGE'],
  [(header, { maxPixels }) => header.width * header.height > pixelLimitOf(header, maxPixels), 'TOO_LARGE'],
  [({ frames }, { maxFrames }) => frames > maxFrames, 'TOO_MANY_FRAMES'],
  [({ channels }, { maxChannels }) => channels > maxChannels, 'TOO_MANY_CHANNELS'],
];

/** The first rule that a header breaks, or undefined when the image may be decoded. */
export const judge = (header: ImageHeader, limits: Limits['validate']): RejectCode | undefined =>
  RULES.find(([broken]) => broken(header, limits))?.[1];
