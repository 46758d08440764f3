import {
  type ColourFacts,
  decoding,
  inOwnNumbers,
  isWide,
  openImage,
  openRaster,
  reachesBeyondSrgb,
  readFacts,
  readRgbProfile,
} from '@darkroom/imaging';
import type { ImageHeader } from '@darkroom/types/image';
import type { Sharp } from 'sharp';
import { ImageRejected } from '@darkroom/types/rejection';
import type { PixelSource } from '@darkroom/types/workflow';
import type { Preview } from './pixels.ts';
import type { Blocks } from './written-facts.ts';

/** Longest side of the preview, in pixels: shows whether a photograph is in focus, and costs no more to decode than less would. */
const PREVIEW_SIDE = 256;
/** Longest side of the thumbnail, in pixels: what ThumbHash takes at most; enough for colour, focus and dHash. */
const THUMBNAIL_SIDE = 100;

/** A JPEG of the picture, smaller, that stands in for the original where no more pixels are needed. */
export interface TravellingPreview {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface Decoded {
  readonly preview: Preview;
  /** The preview, smaller still. */
  readonly thumbnail: Preview;
  /** Sides of the picture as seen, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** Colours of the picture, in its own profile, lie beyond sRGB. */
  readonly wideGamut: boolean;
  /** Undefined where none was asked for, or the picture is none for it. */
  readonly travelling: TravellingPreview | undefined;
  /** Metadata of the file that was decoded. */
  readonly blocks: Blocks;
}

const thumbnailOf = async (preview: Preview & { data: Buffer }): Promise<Preview> => {
  if (Math.max(preview.width, preview.height) <= THUMBNAIL_SIDE) return preview;
  const { data, info } = await openRaster({ ...preview, channels: 4 })
    .resize({ width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

const openPng = (data: Buffer): Sharp => openImage(data, { format: 'png', progressive: false });

const srgbPreview = async (image: Sharp) => {
  const { data, info } = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

type RgbProfile = NonNullable<ReturnType<typeof readRgbProfile>>;

/** True when the picture makes use of its wide profile: looked at in the profile's own numbers. */
const isWideUsed = async (native: Buffer, profile: RgbProfile): Promise<boolean> => {
  const image = openPng(native).keepIccProfile().removeAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const raster = { data, width: info.width, height: info.height, channels: info.channels };
  return info.channels === 3 && reachesBeyondSrgb(profile, raster);
};

/** A profile that names colours beyond sRGB. */
const wideProfileOf = (icc: Buffer | undefined): RgbProfile | undefined => {
  const profile = icc === undefined ? undefined : readRgbProfile(icc);
  return profile !== undefined && isWide(profile) ? profile : undefined;
};

/** Quality of the travelling preview: it is coded once more, and must not show. */
const TRAVELLING_QUALITY = 95;
/** Most bytes of it: as Base64, a quarter of what a state of the workflow may hold (256 KiB). */
const TRAVELLING_BYTES = 60_000;
/** Taller pictures than this many widths are decoded to too many pixels by their width. */
const TALLEST = 2.5;

/** One decode to the width of the travelling preview; the preview is made of it. */
const travellingPreview = async (image: Sharp, width: number) => {
  const { data, info } = await image
    .resize({ width })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raster = { data, width: info.width, height: info.height, channels: info.channels };
  const small = openRaster(raster).resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside' });
  const jpeg = await openRaster(raster).jpeg({ quality: TRAVELLING_QUALITY }).toBuffer();
  const travelling = jpeg.length > TRAVELLING_BYTES ? undefined : { jpeg, width: info.width, height: info.height };
  return { preview: await srgbPreview(small), wideGamut: false, travelling };
};

const stillPreview = async (open: (options?: { ignoreIcc: boolean }) => Sharp, facts: ColourFacts) => {
  const small = (image: Sharp) =>
    image.resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside', withoutEnlargement: true });
  const profile = wideProfileOf(facts.icc);
  if (profile === undefined && !facts.isOursToConvert)
    return { preview: await srgbPreview(small(open())), wideGamut: false, travelling: undefined };
  const { data } = await inOwnNumbers(small(open({ ignoreIcc: true })), facts);
  const wideGamut = profile !== undefined && (await isWideUsed(data, profile));
  return { preview: await srgbPreview(openPng(data)), wideGamut, travelling: undefined };
};

/**
 * Reads the header and decodes the pixels once, as small as their format allows while every byte is still read (a truncated
 * file does not pass). With `travellingWidth`, in pixels, a larger opaque still in sRGB comes as a JPEG of that width, too. Throws
 * ImageRejected when the decoder refuses it.
 */
export const decodeSmall = (
  pixels: Buffer,
  header: PixelSource['header'],
  travellingWidth = Number.POSITIVE_INFINITY,
): Promise<Decoded> =>
  decoding(async () => {
    const facts = await readFacts(pixels, header);
    const { autoOrient, hasAlpha, orientation, exif, iptc, xmp, icc } = facts;
    const { width, height } = autoOrient;
    const isPlain = !hasAlpha && header.frames === 1 && wideProfileOf(icc) === undefined && !facts.isOursToConvert;
    const travels = isPlain && width > travellingWidth && height <= TALLEST * width;
    const open = (options = {}) => openImage(pixels, header, options).autoOrient();
    const { preview, wideGamut, travelling } = travels
      ? await travellingPreview(open(), travellingWidth)
      : await stillPreview(open, facts);
    return {
      preview,
      thumbnail: await thumbnailOf(preview),
      width,
      height,
      hasAlpha,
      wideGamut,
      travelling,
      blocks: { exif, iptc, xmp, orientation },
    };
  });

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
