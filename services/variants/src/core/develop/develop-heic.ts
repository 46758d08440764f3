import { decoding, openRaster, tagColour } from '@darkroom/imaging';
import { p3Profile } from '@darkroom/imaging/p3-profile';
import type { Ladder } from '@darkroom/types/ladder';
import type { Limits } from '@darkroom/types/limits';
import { ImageRejected } from '@darkroom/types/rejection';
import { type DevelopInput, type DevelopResult, pixelSourceOf } from '@darkroom/types/workflow';
import type { ColourTag, DecodeHeic, HeicPicture, PutDeveloped, ReadOriginal } from '../../ports.ts';
import { fitPixels, type Sides } from '../plan.ts';

export interface DevelopPorts {
  readonly readOriginal: ReadOriginal;
  readonly decodeHeic: DecodeHeic;
  readonly putDeveloped: PutDeveloped;
  readonly ladder: Ladder;
  readonly limits: Limits['validate'];
}

/** Colour primaries of Display P3 (SMPTE EG 432-1), ITU-T H.273, table 2. */
const DISPLAY_P3 = 12;

/** Fractions of a pixel that a clean aperture may have are rounded by the decoder in its own way. */
const ROUNDING = 2;

const agree = (picture: Sides, header: Sides): boolean =>
  Math.abs(picture.width - header.width) <= ROUNDING && Math.abs(picture.height - header.height) <= ROUNDING;

/** The profile that says how the colours are meant: the file's own, or Display P3's where it names only its primaries. */
const profileOf = async ({ icc, primaries }: ColourTag): Promise<Buffer | undefined> =>
  icc ?? (primaries === DISPLAY_P3 ? await p3Profile() : undefined);

/**
 * One file for all that is made from a HEIC's pixels: as wide as the widest rung of the ladder, tagged with its colours and without any
 * other metadata. JPEG of quality 95 with full colour, whose loss no rendition shows; PNG where there is transparency.
 * Throws ImageRejected.
 */
export const encodeDeveloped = (picture: HeicPicture, format: 'jpeg' | 'png', ladder: Ladder): Promise<Buffer> =>
  decoding(async () => {
    const pixels = fitPixels(picture, Math.max(...ladder.widths));
    const image = openRaster(picture).resize({ ...pixels, fit: 'fill' });
    const file =
      format === 'jpeg'
        ? image.removeAlpha().jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        : image.png({ compressionLevel: 4 });
    const data = await file.toBuffer();
    const profile = await profileOf(picture.colour);
    return profile === undefined ? data : tagColour(data, format, profile);
  });

/**
 * DevelopHeic: decodes a HEIC original once and stores the file that stands in for its pixels under its deterministic key.
 * Throws ImageRejected when libheif refuses the file or finds another picture than its header promises, and the ports' errors.
 */
export const developHeic = async (
  { readOriginal, decodeHeic, putDeveloped, ladder, limits }: DevelopPorts,
  { task, header }: DevelopInput,
): Promise<DevelopResult> => {
  const { bucket, key, header: source } = pixelSourceOf(task, header);
  const format = source.format === 'png' ? 'png' : 'jpeg';
  const picture = decodeHeic(await readOriginal(task), limits.maxPixels.heic);
  if (!agree(picture, header)) throw new ImageRejected('TRUNCATED_OR_CORRUPT');
  const data = await encodeDeveloped(picture, format, ladder);
  await putDeveloped({ bucket, key }, data, format);
  return { key, bytes: data.length };
};
