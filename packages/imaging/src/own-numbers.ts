import type { ImageHeader } from '@darkroom/types/image';
import type { Metadata, Sharp } from 'sharp';
import { isSrgb, readRgbProfile } from './colour-profile.ts';
import { impliedProfile } from './implied-profile.ts';
import { openImage } from './open.ts';
import { tagColour } from './tag-colour.ts';

type Facts = Pick<Metadata, 'icc' | 'space'>;

/** What libvips calls grey: a profile for grey fits one channel only. */
const GREY: ReadonlySet<string> = new Set(['b-w', 'grey16']);

/** What a file says of itself, with the profile that its colours are meant by. */
export interface ColourFacts extends Metadata {
  /**
   * True when sharp must not convert the colours itself: it does not know a profile that is only implied, and with more than eight bits a
   * channel it takes RGB to Display P3 and leaves it there, and grey as it stands (sharp 0.35, pipeline.cc, "processingProfile").
   */
  readonly isOursToConvert: boolean;
}

/** Reads the header of an accepted original. Run it inside `decoding`. */
export const readFacts = async (
  original: Buffer,
  header: Pick<ImageHeader, 'format' | 'progressive'>,
): Promise<ColourFacts> => {
  const facts = await openImage(original, header).metadata();
  if (facts.icc !== undefined) return { ...facts, isOursToConvert: facts.depth === 'ushort' };
  const icc = impliedProfile(original, header.format, GREY.has(facts.space));
  return icc === undefined ? { ...facts, isOursToConvert: false } : { ...facts, icc, isOursToConvert: true };
};

/** What has to be done about a picture's profile: nothing, or a conversion after the resize (when it is fewer pixels), or as libvips does it. */
export const conversionOf = ({
  icc,
  isOursToConvert,
}: Pick<ColourFacts, 'icc' | 'isOursToConvert'>): 'none' | 'convert' | 'libvips' => {
  const profile = icc === undefined ? undefined : readRgbProfile(icc);
  if (profile !== undefined) return isSrgb(profile) ? 'none' : 'convert';
  return isOursToConvert ? 'convert' : 'libvips';
};

/** A profile at its own length (ICC.1, 7.2.2): phones put bytes behind it, for which libpng refuses to read or write it. */
const trimmed = (icc: Buffer): Buffer => (icc.length < 4 ? icc : icc.subarray(0, icc.readUInt32BE(0)));

/**
 * The pixels of a pipeline in the numbers of the file's own profile, and with it, eight bits a channel: as a PNG that is not compressed
 * (5 ms a megapixel), because a raster cannot carry a profile. `image` must have been opened with `ignoreIcc`; `facts` is what the
 * file says of itself. A profile that is none is left behind by whoever opens the PNG. Run it inside `decoding`.
 */
export const inOwnNumbers = async (image: Sharp, { icc, space }: Facts) => {
  const { data, info } = await image
    .toColourspace(GREY.has(space) ? 'b-w' : 'srgb')
    .png({ compressionLevel: 0 })
    .toBuffer({ resolveWithObject: true });
  return { data: icc === undefined ? data : tagColour(data, 'png', trimmed(icc)), info };
};
