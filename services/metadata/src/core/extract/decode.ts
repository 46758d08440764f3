import { decoding, openImage } from '@darkroom/imaging';
import type { ImageHeader } from '@darkroom/types/image';
import type { Preview } from './pixels.ts';

/** Longest side of the preview, in pixels: what ThumbHash takes at most; enough for colour and dHash. */
const PREVIEW_SIDE = 100;

export interface Decoded {
  readonly preview: Preview;
  /** Sides of the picture as seen, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly orientation: number | undefined;
  readonly exif: Buffer | undefined;
}

/**
 * Reads the header and decodes the original once, as small as its format allows while every byte is still read (a truncated
 * file does not pass). Throws ImageRejected when the decoder refuses it.
 */
export const decodeSmall = (original: Buffer, header: Pick<ImageHeader, 'format' | 'progressive'>): Promise<Decoded> =>
  decoding(async () => {
    const image = openImage(original, header);
    const { autoOrient, hasAlpha, orientation, exif } = await image.metadata();
    const { data, info } = await image
      .autoOrient()
      .resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return {
      preview: { data, width: info.width, height: info.height },
      width: autoOrient.width,
      height: autoOrient.height,
      hasAlpha,
      orientation,
      exif,
    };
  });
