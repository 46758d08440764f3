import sharp from 'sharp';
import { openImage } from './open.ts';
import { rgbPixels } from './rgb-pixels.ts';

const size = { width: 8, height: 6 };
const flat = (background: string | { r: number; g: number; b: number; alpha: number }) =>
  sharp({ create: { width: 40, height: 20, channels: typeof background === 'string' ? 3 : 4, background } });
const pixelsOf = async (bytes: Buffer, format: 'jpeg' | 'png') =>
  rgbPixels(openImage(bytes, { format, progressive: false }), size);

describe('rgbPixels', () => {
  it.each([
    ['colour', () => flat('#204060').png().toBuffer(), 'png', [0x20, 0x40, 0x60]],
    ['grey', () => flat('#808080').greyscale().png().toBuffer(), 'png', [0x80, 0x80, 0x80]],
    ['16 bits', () => flat('#204060').toColourspace('rgb16').png().toBuffer(), 'png', [0x20, 0x40, 0x60]],
    ['half transparent', () => flat({ r: 0, g: 0, b: 0, alpha: 0.5 }).png().toBuffer(), 'png', [0x80, 0x80, 0x80]],
    [
      'transparent grey',
      () => flat({ r: 0, g: 0, b: 0, alpha: 0 }).toColourspace('b-w').png().toBuffer(),
      'png',
      [255, 255, 255],
    ],
    ['CMYK', () => flat('#808080').toColourspace('cmyk').jpeg().toBuffer(), 'jpeg', [0x80, 0x80, 0x80]],
  ] as const)('makes three bytes a pixel of a picture in %s', async (_, make, format, colour) => {
    const { data, width, height } = await pixelsOf(await make(), format);

    expect([width, height, data.length]).toEqual([8, 6, 8 * 6 * 3]);
    const middle = [...data.subarray(3 * 28, 3 * 29)];
    for (const [index, value] of middle.entries()) expect(Math.abs(value - (colour[index] ?? 0))).toBeLessThan(16);
  });

  it('turns the picture upright before it is squeezed', async () => {
    const stripes = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#000000' } })
      .composite([{ input: await flat('#ffffff').resize(20, 20, { fit: 'fill' }).png().toBuffer(), left: 0, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();

    const { data } = await pixelsOf(stripes, 'jpeg');

    // Orientation 6: what is stored at the left is seen at the top.
    expect(data[0]).toBeGreaterThan(240);
    expect(data[3 * 7]).toBeGreaterThan(240);
    expect(data[3 * 8 * 5]).toBeLessThan(15);
  });
});
