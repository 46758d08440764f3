import sharp from 'sharp';
import { focusOf } from './focus.ts';
import { lookOf } from './look.ts';
import { paletteOf } from './palette.ts';
import type { Preview } from './pixels.ts';

type Rgba = readonly [r: number, g: number, b: number, a?: number];

const painted = (width: number, height: number, colourAt: (x: number, y: number) => Rgba): Preview => {
  const data = new Uint8Array(4 * width * height);
  for (let index = 0; index < width * height; index += 1) {
    const [r, g, b, a = 255] = colourAt(index % width, Math.floor(index / width));
    data.set([r, g, b, a], 4 * index);
  }
  return { data, width, height };
};
const plain = (...colour: Rgba) => painted(60, 40, () => colour);
const isNear = (x: number, y: number, at: readonly [number, number], radius: number) =>
  Math.hypot(x - at[0], y - at[1]) < radius;

describe('paletteOf', () => {
  it('names the colours, the most common first', () => {
    const flag = painted(60, 60, (_x, y) => (y < 30 ? [0, 0, 200] : y < 50 ? [250, 250, 250] : [200, 0, 0]));
    expect(paletteOf(flag)).toEqual(['#0000c8', '#fafafa', '#c80000']);
  });

  it('makes one of shades that look alike, and leaves out what is hardly there', () => {
    const sky = painted(100, 100, (x, y) => (x + y === 0 ? [255, 0, 0] : [90 + (x % 8), 140 + (y % 8), 200]));
    expect(paletteOf(sky)).toHaveLength(1);
  });

  it('has six colours at most, and none where nothing can be seen', () => {
    const rainbow = painted(120, 10, (x) => {
      const step = Math.floor(x / 10);
      return [(step * 83) % 256, (step * 151) % 256, (step * 211) % 256];
    });
    expect(paletteOf(rainbow).length).toBeGreaterThan(3);
    expect(paletteOf(rainbow).length).toBeLessThanOrEqual(6);
    expect(paletteOf(plain(1, 2, 3, 0))).toEqual([]);
  });
});

describe('lookOf', () => {
  const photograph = (blur: number) => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const texture = sharp({ create: { width: 256, height: 192, channels: 3, background: '#888', noise } }).blur(0.6);
    return texture
      .png()
      .toBuffer()
      .then(async (png) => {
        const image = blur === 0 ? sharp(png) : sharp(png).blur(blur);
        const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
        return lookOf({ data, width: info.width, height: info.height });
      });
  };

  it('falls from crisp to blurred as a picture is blurred', async () => {
    const sharpness = await Promise.all([0, 1, 2, 4].map(async (blur) => (await photograph(blur)).sharpness));
    expect([...sharpness].sort((a, b) => b - a)).toEqual(sharpness);
    expect(sharpness[0]).toBe(1);
    expect(sharpness[3]).toBeLessThan(0.2);
  });

  it('counts a picture that is shaken one way as blurred', () => {
    const stripes = painted(128, 128, (x, y) => {
      const [fine, shaken] = [y % 4 < 2 ? 90 : 0, 100 * Math.abs(Math.sin(x / 20))];
      return [fine + shaken, fine + shaken, fine + shaken];
    });
    expect(lookOf(stripes).sharpness).toBeLessThan(0.2);
  });

  it.each([
    [plain(10, 10, 10), 0.039, 'under'],
    [plain(128, 128, 128), 0.502, 'normal'],
    [plain(250, 250, 250), 0.98, 'over'],
    [plain(0, 0, 0, 0), 1, 'over'],
  ] as const)('tells how bright it is', (preview, brightness, exposure) => {
    expect(lookOf(preview)).toEqual({ sharpness: 0, brightness, exposure });
  });
});

describe('focusOf', () => {
  it.each([
    ['a flat picture', plain(120, 130, 140)],
    ['an evenly busy one', painted(90, 60, (x, y) => ((x + y) % 2 === 0 ? [0, 0, 0] : [255, 255, 255]))],
    ['one pixel', painted(1, 1, () => [9, 9, 9])],
    ['one column', painted(1, 100, () => [9, 9, 9])],
    ['a picture that cannot be seen', plain(0, 0, 0, 0)],
  ])('is the centre of %s', (_name, preview) => {
    const { x, y } = focusOf(preview);
    expect(Math.abs(x - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(y - 0.5)).toBeLessThan(0.05);
  });

  it.each([
    [20, 15],
    [80, 15],
    [20, 50],
    [80, 50],
    [50, 32],
  ])('is where the detail is: %d, %d of 100, 65', (atX, atY) => {
    const subject = painted(100, 65, (x, y) =>
      isNear(x, y, [atX, atY], 10) && (x + y) % 3 === 0 ? [20, 20, 20] : [150, 155, 160],
    );
    const { x, y } = focusOf(subject);
    expect(Math.abs(x - atX / 100)).toBeLessThan(0.1);
    expect(Math.abs(y - atY / 65)).toBeLessThan(0.12);
  });

  it('is the middle of a subject that fills the picture, not its busiest corner', () => {
    const car = painted(100, 66, (x, y) => {
      if (!(x >= 12 && x <= 88 && y >= 15 && y <= 55)) return [150, 155, 160];
      const isGrille = x > 65 && y > 30;
      if ((x + y) % (isGrille ? 2 : 4) === 0) return isGrille ? [10, 10, 10] : [60, 70, 80];
      return isGrille ? [200, 200, 200] : [150, 155, 160];
    });
    const { x, y } = focusOf(car);
    expect(Math.abs(x - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(y - 0.5)).toBeLessThan(0.1);
  });

  it('is the face rather than as much detail elsewhere', () => {
    const face = painted(100, 60, (x, y) => {
      const isDetail = (x + 2 * y) % 4 === 0;
      if (isNear(x, y, [25, 30], 12)) return isDetail ? [90, 60, 50] : [205, 150, 115];
      if (isNear(x, y, [75, 30], 12)) return isDetail ? [60, 66, 70] : [145, 155, 160];
      return [145, 155, 160];
    });
    expect(focusOf(face).x).toBeLessThan(0.35);
  });
});
