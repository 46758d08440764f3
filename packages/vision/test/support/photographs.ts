import { readdirSync, readFileSync } from 'node:fs';
import { decoding, openImage } from '@darkroom/imaging';
import { rgbPixels } from '@darkroom/imaging/rgb-pixels';
import type { Size } from '../../src/pixels.ts';

const folder = new URL('../fixtures/', import.meta.url);

/** Names of the photographs without their endings. */
export const photographs: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jpg'))
  .map((name) => name.slice(0, -'.jpg'.length));

/** A photograph as a model gets it. `sizeOf` is told the sides of the photograph. */
export const pixelsOf = (name: string, sizeOf: (upright: Size) => Size) =>
  decoding(async () => {
    const file = readFileSync(new URL(`${name}.jpg`, folder));
    const image = openImage(file, { format: 'jpeg', progressive: true });
    const { autoOrient } = await image.metadata();
    return rgbPixels(image, sizeOf(autoOrient));
  });
