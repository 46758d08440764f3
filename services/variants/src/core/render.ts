import { decoding, openImage, openRaster, type Raster } from '@darkroom/imaging';
import type { ImageHeader } from '@darkroom/types/image';
import type { Ladder } from '@darkroom/types/ladder';
import type { Sharp } from 'sharp';
import type { Rendition, Sides } from './plan.ts';

export interface RenderSource {
  /** The original's bytes. */
  readonly original: Buffer;
  readonly header: Pick<ImageHeader, 'format' | 'progressive'>;
  /** `#rrggbb` that stands behind transparent pixels where a format has none. */
  readonly background: string;
}

/** Pixels that renditions are made from: upright, sRGB, eight bits a channel, and nothing else of the original's file. */
export interface Master extends Raster {
  readonly hasAlpha: boolean;
}

const isOpaque = ({ data, channels }: Raster): boolean => {
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return false;
  return true;
};

const exactly = ({ width, height }: Sides) => ({ width, height, fit: 'fill' as const });

/**
 * Decodes an original straight to `pixels`, by libvips' shrink-on-load: no larger raster ever exists. Upright by EXIF or
 * container, colours converted to sRGB by the embedded profile. Throws ImageRejected when the decoder refuses the file.
 */
export const developMaster = ({ original, header }: RenderSource, pixels: Sides): Promise<Master> =>
  decoding(async () => {
    const { data, info } = await openImage(original, header)
      .autoOrient()
      .resize(exactly(pixels))
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raster = { data, width: info.width, height: info.height, channels: info.channels };
    const mayBeTransparent = info.channels === 2 || info.channels === 4;
    // Screenshots carry an alpha channel in which everything is opaque: coding it would cost time and bytes for nothing.
    return { ...raster, hasAlpha: mayBeTransparent && !isOpaque(raster) };
  });

const encode = (image: Sharp, { encoders }: Ladder, { format, tier }: Rendition): Sharp => {
  switch (format) {
    case 'avif':
      return image.avif(encoders.avif[tier]);
    case 'webp':
      return image.webp(encoders.webp[tier]);
    case 'jpeg':
      return image.jpeg(encoders.jpeg[tier]);
  }
};

/**
 * One file from the master. It carries pixels only: a master has no EXIF, XMP, GPS or thumbnail to copy. JPEG, which has no
 * transparency, stands on `background`. Throws ImageRejected when the encoder cannot hold the picture.
 */
export const renderRendition = (
  master: Master,
  rendition: Rendition,
  { ladder, background }: { ladder: Ladder; background: string },
): Promise<Buffer> =>
  decoding(() => {
    const { pixels, format } = rendition;
    let image = openRaster(master);
    if (!master.hasAlpha) image = image.removeAlpha();
    else if (format === 'jpeg') image = image.flatten({ background });
    if (pixels.width !== master.width || pixels.height !== master.height) image = image.resize(exactly(pixels));
    return encode(image, ladder, rendition).toBuffer();
  });

/** The size that a set of renditions is made from: the largest of them. */
export const masterPixels = (renditions: readonly Rendition[]): Sides =>
  renditions.reduce<Sides>(
    (widest, { pixels }) => (pixels.width * pixels.height > widest.width * widest.height ? pixels : widest),
    {
      width: 0,
      height: 0,
    },
  );

/**
 * Decodes once and makes every rendition of a set from those pixels, one after the other (side by side they take 4 % more CPU),
 * handing each to `take` as soon as it is ready, so that one is stored while the next is encoded. Answers what `take` answered, in the order of the set.
 */
export const renderSet = async <R extends Rendition, T>(
  { source, renditions, ladder }: { source: RenderSource; renditions: readonly R[]; ladder: Ladder },
  take: (rendition: R, data: Buffer) => Promise<T>,
): Promise<T[]> => {
  if (renditions.length === 0) return [];
  const master = await developMaster(source, masterPixels(renditions));
  const settings = { ladder, background: source.background };
  const taken: Promise<T>[] = [];
  for (const rendition of renditions) {
    const data = await renderRendition(master, rendition, settings);
    const done = take(rendition, data);
    // A failed store is reported below, once the encoder is free; until then it must not count as unhandled.
    done.catch(() => undefined);
    taken.push(done);
  }
  return Promise.all(taken);
};
