import type { ImageHeader } from '@darkroom/types/image';
import { limits } from '@darkroom/types/limits';
import { ImageRejected } from '@darkroom/types/rejection';
import type { Sharp } from 'sharp';
import { toRejectCode } from './decode-errors.ts';
import { pixelLimitOf } from './pixel-limit.ts';
import { hardenSharp } from './sharp.ts';

const sharp = hardenSharp();

/**
 * Longest a decode may take, in seconds. The slowest picture within the limits took 3.5 s on one core; this leaves room for
 * a loaded machine and ends before the functions' own timeouts. libvips checks it between regions, libaom never does.
 */
const DECODE_SECONDS = 25;

/** Where an AVIF's major brand stands, and the only one that is sure to be known to libvips. */
const BRAND_AT = 8;
const STILL = 'avif';

/** An AVIF under that brand: sequences (`avis`) and others hold a still picture like any AVIF, which their header has shown. */
const asStill = (original: Buffer): Buffer => {
  if (original.toString('latin1', BRAND_AT, BRAND_AT + STILL.length) === STILL) return original;
  const still = Buffer.from(original);
  still.write(STILL, BRAND_AT, 'latin1');
  return still;
};

/**
 * Opens an accepted original, first frame only, with the limits of its kind. `failOn: 'error'` refuses truncated files and no
 * sound photograph (84 of 84 tried). Nothing is decoded before the pipeline runs; run it inside `decoding`. With `ignoreIcc` the
 * colours are taken as they stand: libvips converts by the profile before it resizes, which takes as long as the decode.
 */
export const openImage = (
  original: Buffer,
  header: Pick<ImageHeader, 'format' | 'progressive'>,
  { ignoreIcc = false }: { ignoreIcc?: boolean } = {},
): Sharp =>
  sharp(header.format === 'avif' ? asStill(original) : original, {
    failOn: 'error',
    limitInputPixels: pixelLimitOf(header),
    limitInputChannels: limits.validate.maxChannels,
    // Without `page` sharp takes the picture that a HEIF names as its primary; page 0 may be a tile or a thumbnail of it.
    pages: 1,
    sequentialRead: true,
    ignoreIcc,
  }).timeout({ seconds: DECODE_SECONDS });

/**
 * Opens every frame of an accepted animation, one below the other. `maxPixels` bounds frames × width × height, which is what a decoder
 * of animations holds in memory, four bytes each. Run it inside `decoding`.
 */
export const openAnimation = (original: Buffer, maxPixels: number): Sharp =>
  sharp(original, {
    failOn: 'error',
    limitInputPixels: maxPixels,
    limitInputChannels: limits.validate.maxChannels,
    animated: true,
  }).timeout({ seconds: DECODE_SECONDS });

/** Pixels without a file around them. */
export interface Raster {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Opens a raster that we made ourselves: eight bits a channel, sRGB or grey, as large as it likes to be. */
export const openRaster = ({ data, width, height, channels }: Raster): Sharp =>
  sharp(data, { raw: { width, height, channels }, limitInputPixels: false });

/** Opens a PNG that we made ourselves to carry pixels with their profile; see `inOwnNumbers`. */
export const openProfiled = (data: Buffer): Sharp => openImage(data, { format: 'png', progressive: false });

/** Runs a decode or encode; errors that the image is to blame for come out as ImageRejected, all others as they are. */
export const decoding = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    const code = toRejectCode(error);
    if (code === undefined) throw error;
    throw new ImageRejected(code, undefined, { cause: error });
  }
};
