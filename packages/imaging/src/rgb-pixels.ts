import type { Sharp } from 'sharp';

/** Upright sRGB pixels, three bytes each, row by row. */
export interface RgbPixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** What shows through where a picture is transparent: a page is white. */
const BACKGROUND = '#ffffff';

/**
 * Decodes a picture into exactly these pixels, squeezed where its proportions are others, by shrink-on-load where its format
 * allows: what a model looks at. Run it inside `decoding`.
 */
export const rgbPixels = async (
  image: Sharp,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<RgbPixels> => {
  const data = await image
    .autoOrient()
    .resize({ width, height, fit: 'fill' })
    .toColourspace('srgb')
    .flatten({ background: BACKGROUND })
    .raw()
    .toBuffer();
  return { data, width, height };
};
