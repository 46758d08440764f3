import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** A scene whose corners differ: red top left, green top right, blue bottom left, yellow bottom right, noise on top. */
const scene = async (width: number, height: number): Promise<Buffer> => {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const tile = (background: string) => ({ create: { ...half, channels: 3 as const, background } });
  const noise = { type: 'gaussian' as const, mean: 20, sigma: 12 };
  return sharp({ create: { width, height, channels: 3, background: '#c00000' } })
    .composite([
      { input: tile('#00a000'), left: half.width, top: 0 },
      { input: tile('#0000c0'), left: 0, top: half.height },
      { input: tile('#c0c000'), left: half.width, top: half.height },
      { input: { create: { width, height, channels: 3, background: 'black', noise } }, blend: 'add' },
    ])
    .png()
    .toBuffer();
};

/** What sharp must do to an upright picture so that a viewer that honours the orientation shows it upright (EXIF 2.32, tag 274). */
const storedAs: Readonly<Record<number, (image: Sharp) => Sharp>> = {
  1: (image) => image,
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.rotate(270).flop(),
  6: (image) => image.rotate(270),
  7: (image) => image.rotate(90).flop(),
  8: (image) => image.rotate(90),
};

export interface Photo {
  readonly name: string;
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
}

/** A JPEG as a phone stores it: turned sensor data, the orientation and a place in its EXIF. */
export const writePhonePhoto = async (
  dir: string,
  orientation: number,
  width = 1600,
  height = 1200,
): Promise<Photo> => {
  const name = `orientation-${orientation}.jpg`;
  const turned = await storedAs[orientation]?.(sharp(await scene(width, height)))
    .png()
    .toBuffer();
  const jpeg = await sharp(turned)
    .withExif({
      IFD0: { Make: 'Darkroom', Model: 'Test Phone', Orientation: String(orientation) },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 12/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 18/1',
      },
    })
    .withMetadata({ orientation })
    .jpeg({ quality: 88 })
    .toBuffer();
  await writeFile(join(dir, name), jpeg);
  return { name, width, height };
};

export const writePhoto = async (
  dir: string,
  format: 'png' | 'webp' | 'avif',
  width = 900,
  height = 700,
): Promise<Photo> => {
  const name = `photo.${format}`;
  await writeFile(
    join(dir, name),
    await sharp(await scene(width, height))
      .toFormat(format, { effort: 1 })
      .toBuffer(),
  );
  return { name, width, height };
};

/** Mean colours of the four corners, to tell how a picture is turned. */
export const corners = async (image: Buffer): Promise<string[]> => {
  const { data, info } = await sharp(image)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): string => {
    const offset = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    const [red = 0, green = 0, blue = 0] = data.subarray(offset, offset + 3);
    if (red > 120 && green > 120) return 'yellow';
    if (red > 120) return 'red';
    return green > blue ? 'green' : 'blue';
  };
  return [at(0.2, 0.2), at(0.8, 0.2), at(0.2, 0.8), at(0.8, 0.8)];
};

export const UPRIGHT = ['red', 'green', 'blue', 'yellow'];
