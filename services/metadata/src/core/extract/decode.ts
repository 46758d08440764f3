import {
  type ColourFacts,
  conversionOf,
  decoding,
  inOwnNumbers,
  isWide,
  openImage,
  openProfiled,
  openRaster,
  type Raster,
  reachesBeyondSrgb,
  readFacts,
  readRgbProfile,
} from '@darkroom/imaging';
import type { ImageHeader } from '@darkroom/types/image';
import { ImageRejected } from '@darkroom/types/rejection';
import type { PixelSource } from '@darkroom/types/workflow';
import type { Sharp } from 'sharp';
import { type Sides, smallSides } from './sides.ts';
import type { Blocks } from './written-facts.ts';

export interface Decoded {
  /** The whole picture, small: upright, sRGB, three or four channels. Everything that is seen of it is made of these pixels. */
  readonly raster: Raster;
  /** Sides of the picture as seen, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** Colours of the picture, in its own profile, lie beyond sRGB. */
  readonly wideGamut: boolean;
  /** Metadata of the file that was decoded. */
  readonly blocks: Blocks;
}

const rasterOf = async (image: Sharp): Promise<Raster> => {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
};

/** Resized in the profile's own numbers and converted then, when it is fewer pixels. */
const convertedRaster = async (image: Sharp, facts: ColourFacts) => {
  const { data } = await inOwnNumbers(image, facts);
  const raster = await rasterOf(openProfiled(data).toColourspace('srgb'));
  const profile = facts.icc === undefined ? undefined : readRgbProfile(facts.icc);
  if (profile === undefined || !isWide(profile)) return { raster, wideGamut: false };
  const own = await rasterOf(openProfiled(data).keepIccProfile().removeAlpha());
  return { raster, wideGamut: own.channels === 3 && reachesBeyondSrgb(profile, own) };
};

/**
 * Reads the header and decodes the pixels once, as small as their format allows while every byte is still read (a truncated
 * file does not pass). `least` are the sides that the raster has at least, where the picture has them. Throws ImageRejected when the
 * decoder refuses it.
 */
export const decodeSmall = (pixels: Buffer, header: PixelSource['header'], least: Sides): Promise<Decoded> =>
  decoding(async () => {
    const facts = await readFacts(pixels, header);
    const { autoOrient, hasAlpha, orientation, exif, iptc, xmp } = facts;
    const conversion = conversionOf(facts);
    const image = openImage(pixels, header, { ignoreIcc: conversion !== 'libvips' })
      .autoOrient()
      .resize({ ...smallSides(autoOrient, least), fit: 'fill' });
    const seen =
      conversion === 'convert'
        ? await convertedRaster(image, facts)
        : { raster: await rasterOf(image.toColourspace('srgb')), wideGamut: false };
    const { width, height } = autoOrient;
    return { ...seen, width, height, hasAlpha, blocks: { exif, iptc, xmp, orientation } };
  });

/** The picture to fit into a square, four bytes a pixel. */
const fitted = async (raster: Raster, side: number) => {
  const { data, width, height } = await rasterOf(
    openRaster(raster).resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true }).ensureAlpha(),
  );
  return { data, width, height };
};

/** Longest side of the preview, in pixels: shows whether a photograph is in focus. */
const PREVIEW_SIDE = 256;
/** Longest side of the thumbnail, in pixels: what ThumbHash takes at most; enough for colour, focus and dHash. */
const THUMBNAIL_SIDE = 100;

/** The two sizes that the picture is described by. */
export const previewsOf = async (raster: Raster) => {
  const preview = await fitted(raster, PREVIEW_SIDE);
  return { preview, thumbnail: await fitted({ ...preview, channels: 4 }, THUMBNAIL_SIDE) };
};

/**
 * Metadata of an original whose pixels are decoded elsewhere: its container is read, nothing is decoded. A container that
 * the decoder refuses has none; the picture itself was good enough to be developed.
 */
export const blocksOf = async (original: Buffer, header: ImageHeader): Promise<Blocks> => {
  // Upright already, whatever the EXIF says: its container turned it when it was developed.
  const orientation = 1;
  try {
    const { exif, iptc, xmp } = await decoding(() => openImage(original, header).metadata());
    return { exif, iptc, xmp, orientation };
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    return { exif: undefined, iptc: undefined, xmp: undefined, orientation };
  }
};
