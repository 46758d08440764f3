import type { Limits } from '@darkroom/types/limits';
import { found, more, type ParseHeader, type Parsed, reject } from '../../outcome.ts';
import { boxesIn, findBox } from './boxes.ts';
import { type Items, readItems } from './items.ts';
import { type Coding, codedSides, codingOf, decodedPixels, hasAlpha, isDeep, isMono, seenSides } from './picture.ts';

/** Tiles go over the edge of what is seen; a grid that names one tile for ever goes far over the limit. */
const MOST_OVERDRAW = 1.5;

type MaxPixels = Limits['validate']['maxPixels'];

/** Coding of the picture. AVIF whose primary item is derived in a rarer way is left to libheif, which knows them all. */
const pictureCoding = (items: Items): Coding | undefined =>
  codingOf(items, items.primary) ?? ([...items.types.values()].includes('av01') ? 'av1' : undefined);

/** AV1 of many bits takes the decoder up to 24 bytes a pixel, and alpha a third more; of eight bits, 15 to 20. */
const limitOf = (coding: Coding, { deep, alpha }: { deep: boolean; alpha: boolean }, maxPixels: MaxPixels): number => {
  if (coding === 'hevc') return maxPixels.heic;
  if (!deep) return maxPixels.avif;
  return alpha ? maxPixels.avifDeep * 0.75 : maxPixels.avifDeep;
};

const isTooLarge = (bytes: Buffer, items: Items, limit: number): boolean => {
  const { width, height } = codedSides(bytes, items, items.primary) ?? { width: 0, height: 0 };
  // Before it is cropped: a decoder unpacks what is cut away, too.
  return width * height > limit || decodedPixels(bytes, items, items.primary) > limit * MOST_OVERDRAW;
};

const decide = (bytes: Buffer, items: Items, maxPixels: MaxPixels): Parsed => {
  const coding = pictureCoding(items);
  if (coding === undefined) return reject('UNSUPPORTED_FEATURE');
  const sides = seenSides(bytes, items, items.primary);
  if (sides === undefined) return reject('CORRUPT_HEADER');
  const alpha = hasAlpha(bytes, items, items.primary);
  const limit = limitOf(coding, { deep: isDeep(bytes, items, items.primary), alpha }, maxPixels);
  if (isTooLarge(bytes, items, limit)) return reject('TOO_LARGE');
  return found({
    format: coding === 'hevc' ? 'heic' : 'avif',
    // libheif crops and turns the picture itself; EXIF orientation must not be applied again.
    ...sides,
    orientation: 1,
    frames: 1,
    progressive: false,
    hasAlpha: alpha,
    channels: (isMono(bytes, items, items.primary) ? 1 : 3) + (alpha ? 1 : 0),
  });
};

/** What to read when there is no `meta` box yet: where the pixels stand first, it is behind them. */
const lookFurther = (bytes: Buffer, fileBytes: number): Parsed => {
  let start = 0;
  for (const { type, end } of boxesIn(bytes, 0, fileBytes)) {
    // A sequence without a still picture; where there are both, the still may stand behind it.
    if (type === 'moov' && bytes.length >= fileBytes) return reject('UNSUPPORTED_FEATURE');
    if (type === 'mdat' && end > bytes.length && end < fileBytes) return { kind: 'more', skip: { start, end } };
    start = end;
  }
  return more;
};

/**
 * Reads the `meta` box of AVIF and HEIC, wherever it stands: what is coded how, sides of the primary item as seen, alpha. A
 * sequence is taken for its still picture, as long as it has one.
 */
export const parseHeif =
  (maxPixels: MaxPixels): ParseHeader =>
  (bytes, fileBytes) => {
    const meta = findBox(boxesIn(bytes, 0, fileBytes), 'meta');
    if (meta === undefined) return lookFurther(bytes, fileBytes);
    if (meta.end > bytes.length) return more;
    try {
      const items = readItems(bytes, meta);
      return items === undefined ? reject('CORRUPT_HEADER') : decide(bytes, items, maxPixels);
    } catch (error) {
      // A box that is shorter than what it must hold.
      if (error instanceof RangeError) return reject('CORRUPT_HEADER');
      throw error;
    }
  };
