import sharp, { type Sharp } from 'sharp';
import { mulberry32 } from '../mulberry32.ts';
import type { Input, Kind } from './kinds.ts';

const TILE = 512;

/** A generator of whole numbers from 0 to 255: the same picture in every run. */
export const seeded = (seed: number): (() => number) => {
  const draw = mulberry32(seed);
  return () => draw() & 255;
};

/** Slopes with some grain, repeated over the picture: as hard to decode as a photograph, and never whole in memory here. */
const picture = ({ width, height }: Input): Sharp => {
  const random = seeded(1);
  const tile = Buffer.alloc(TILE * TILE * 3);
  for (let at = 0; at < tile.length; at++) tile[at] = ((at / 24) & 127) + (random() >> 2);
  return sharp(tile, { raw: { width: TILE, height: TILE, channels: 3 }, limitInputPixels: false }).extend({
    right: Math.max(0, width - TILE),
    bottom: Math.max(0, height - TILE),
    extendWith: 'repeat',
  });
};

const encoders: Readonly<Record<Kind, (image: Sharp) => Sharp>> = {
  jpeg: (image) => image.jpeg({ quality: 60 }),
  'jpeg progressive': (image) => image.jpeg({ quality: 60, progressive: true, optimiseCoding: false }),
  png: (image) => image.png({ compressionLevel: 1 }),
  'png interlaced': (image) => image.png({ compressionLevel: 1, progressive: true }),
  'png 16 bit': (image) => image.toColourspace('rgb16').png({ compressionLevel: 1 }),
  webp: (image) => image.webp({ quality: 50, effort: 0 }),
  gif: (image) => image.gif({ colours: 32, effort: 1, dither: 0 }),
  'avif 8 bit': (image) => image.avif({ quality: 40, effort: 0 }),
  'avif 10 bit': (image) => image.avif({ quality: 40, effort: 0, bitdepth: 10 }),
};

/** Writes one input and answers its file. */
export const makeInput = async (input: Input, path: string): Promise<string> => {
  await encoders[input.kind](picture(input)).toFile(path);
  return path;
};
