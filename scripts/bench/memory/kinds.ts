import type { Limits } from '../../../packages/types/src/limits.ts';

/** A kind of input whose decoder needs memory of its own measure. HEIC is not among them: nothing here writes one (services/variants/README.md has what developing one takes). */
export const kinds = [
  'jpeg',
  'jpeg progressive',
  'png',
  'png interlaced',
  'png 16 bit',
  'webp',
  'gif',
  'avif 8 bit',
  'avif 10 bit',
] as const;
export type Kind = (typeof kinds)[number];

const limitOf: Readonly<Record<Kind, keyof Limits['validate']['maxPixels']>> = {
  jpeg: 'jpegBaseline',
  'jpeg progressive': 'jpegProgressive',
  png: 'png',
  'png interlaced': 'pngInterlaced',
  'png 16 bit': 'png',
  webp: 'webp',
  gif: 'gifFrame',
  'avif 8 bit': 'avif',
  'avif 10 bit': 'avifDeep',
};

/** Megapixels that are measured where the limits allow them; the limit itself always is. */
const MEGAPIXELS = [12, 48, 100, 250];

export interface Input {
  readonly kind: Kind;
  readonly width: number;
  readonly height: number;
}

/** Sides of a 3:2 picture of at most so many pixels, even for chroma's sake. */
export const sidesOf = (pixels: number): { width: number; height: number } => {
  const height = 2 * Math.floor(Math.sqrt((pixels * 2) / 3) / 2);
  return { width: 2 * Math.floor(pixels / height / 2), height };
};

/** All inputs of a kind within the limits, from small to the largest that is accepted. */
export const inputsOf = (kind: Kind, { maxPixels }: Pick<Limits['validate'], 'maxPixels'>): Input[] => {
  const most = maxPixels[limitOf[kind]];
  const sizes = new Set([...MEGAPIXELS.map((megapixels) => megapixels * 1e6).filter((pixels) => pixels < most), most]);
  return [...sizes].map((pixels) => ({ kind, ...sidesOf(pixels) }));
};
