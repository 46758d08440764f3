import { decoding, openImage, openRaster } from '@darkroom/imaging';
import type { ImageHeader } from '@darkroom/types/image';
import { ImageRejected } from '@darkroom/types/rejection';
import type { PixelSource } from '@darkroom/types/workflow';
import type { Preview } from './pixels.ts';
import type { Blocks } from './written-facts.ts';

/** Longest side of the preview, in pixels: shows whether a photograph is in focus, and costs no more to decode than less would. */
const PREVIEW_SIDE = 256;
/** Longest side of the thumbnail, in pixels: what ThumbHash takes at most; enough for colour, focus and dHash. */
const THUMBNAIL_SIDE = 100;

export interface Decoded {
  readonly preview: Preview;
  /** The preview, smaller still. */
  readonly thumbnail: Preview;
  /** Sides of the picture as seen, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
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

/**
 * Reads the header and decodes the pixels once, as small as their format allows while every byte is still read (a truncated
 * file does not pass). Throws ImageRejected when the decoder refuses it.
 */
export const decodeSmall = (pixels: Buffer, header: PixelSource['header']): Promise<Decoded> =>
  decoding(async () => {
    const image = openImage(pixels, header);
    const { autoOrient, hasAlpha, orientation, exif, iptc, xmp } = await image.metadata();
    const { data, info } = await image
      .autoOrient()
      .resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const preview = { data, width: info.width, height: info.height };
    return {
      preview,
      thumbnail: await thumbnailOf(preview),
      width: autoOrient.width,
      height: autoOrient.height,
      hasAlpha,
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
