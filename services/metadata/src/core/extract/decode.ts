import { decoding, isWide, openImage, openRaster, reachesBeyondSrgb, readRgbProfile } from '@darkroom/imaging';
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

const srgbPreview = async (image: Sharp) => {
  const { data, info } = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

/** The preview of a picture with a wide profile, and whether it makes use of it: looked at in the profile's own numbers first. */
const widePreview = async (image: Sharp, profile: NonNullable<ReturnType<typeof readRgbProfile>>) => {
  const native = await image.keepIccProfile().png({ compressionLevel: 0 }).toBuffer();
  const open = () => openImage(native, { format: 'png', progressive: false });
  const { data, info } = await open().keepIccProfile().removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const raster = { data, width: info.width, height: info.height, channels: info.channels };
  const isUsed = info.channels === 3 && reachesBeyondSrgb(profile, raster);
  return { preview: await srgbPreview(open()), wideGamut: isUsed };
};

/** Profiles matter for eight bits a channel: pictures with more are converted to sRGB. */
const wideProfileOf = ({ icc, depth }: { icc?: Buffer | undefined; depth: string | undefined }) => {
  const profile = icc === undefined || depth !== 'uchar' ? undefined : readRgbProfile(icc);
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

const stillPreview = async (image: Sharp, profile: ReturnType<typeof readRgbProfile>) => {
  const small = image.resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside', withoutEnlargement: true });
  const seen =
    profile === undefined ? { preview: await srgbPreview(small), wideGamut: false } : await widePreview(small, profile);
  return { ...seen, travelling: undefined };
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
    const image = openImage(pixels, header);
    const { autoOrient, hasAlpha, orientation, exif, iptc, xmp, icc, depth } = await image.metadata();
    const { width, height } = autoOrient;
    const profile = wideProfileOf({ icc, depth });
    const isPlain = profile === undefined && !hasAlpha && header.frames === 1;
    const travels = isPlain && width > travellingWidth && height <= TALLEST * width;
    const upright = image.autoOrient();
    const { preview, wideGamut, travelling } = travels
      ? await travellingPreview(upright, travellingWidth)
      : await stillPreview(upright, profile);
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
