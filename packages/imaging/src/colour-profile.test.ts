import fc from 'fast-check';
import sharp from 'sharp';
import { fromSrgb, isSrgb, isWide, reachesBeyondSrgb, readRgbProfile } from './colour-profile.ts';

const picture = (background: string) => sharp({ create: { width: 8, height: 8, channels: 3, background } });
const profileOf = async (name: string): Promise<Buffer> => {
  const { icc } = await sharp(await picture('#808080').withIccProfile(name).png().toBuffer()).metadata();
  return icc ?? Buffer.alloc(0);
};
const raster = (r: number, g: number, b: number, share = 1) => {
  const data = Buffer.alloc(3000, 128);
  for (let at = 0; at < 3000 * share; at += 3) data.set([r, g, b], at);
  return { data, width: 1000, height: 1, channels: 3 as const };
};

describe('readRgbProfile', () => {
  it('tells Display P3 from sRGB', async () => {
    const [p3, srgb] = [readRgbProfile(await profileOf('p3')), readRgbProfile(await profileOf('srgb'))];
    expect([p3 && isWide(p3), srgb && isWide(srgb)]).toEqual([true, false]);
    expect([p3 && isSrgb(p3), srgb && isSrgb(srgb)]).toEqual([false, true]);
  });

  it('knows no primaries of CMYK, of nothing and of garbage', async () => {
    expect(readRgbProfile(await profileOf('cmyk'))).toBeUndefined();
    expect(readRgbProfile(Buffer.alloc(0))).toBeUndefined();
  });

  it('never throws, whatever the bytes', async () => {
    const p3 = await profileOf('p3');
    const changed = fc
      .array(fc.tuple(fc.nat(p3.length - 1), fc.nat(255)), { maxLength: 12 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.fill(value, at, at + 1), Buffer.from(p3)));
    const cut = fc.nat(p3.length).map((length) => p3.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(changed, cut, fc.uint8Array().map(Buffer.from)), (bytes) => {
        expect(() => readRgbProfile(Buffer.from(bytes))).not.toThrow();
      }),
    );
  });
});

describe('reachesBeyondSrgb', () => {
  it('sees the green that only P3 has, not the grey that both have, and not a few odd pixels', async () => {
    const p3 = readRgbProfile(await profileOf('p3'));
    if (p3 === undefined) throw new Error('expected a profile');
    expect(reachesBeyondSrgb(p3, raster(0, 255, 0))).toBe(true);
    expect(reachesBeyondSrgb(p3, raster(120, 140, 130))).toBe(false);
    expect(reachesBeyondSrgb(p3, raster(0, 255, 0, 0.001))).toBe(false);
  });
});

describe('fromSrgb', () => {
  it.each(['srgb', 'p3'])('names a colour in %s as libvips does', async (name) => {
    const profile = readRgbProfile(await profileOf(name));
    if (profile === undefined) throw new Error('expected a profile');
    for (const colour of ['#c8783c', '#102030', '#ffffff', '#00ff00', '#000000']) {
      const [r = 0, g = 0, b = 0] = Buffer.from(colour.slice(1), 'hex');
      const converted = await picture(colour).withIccProfile(name).png().toBuffer();
      const numbers = await sharp(converted, { ignoreIcc: true }).raw().toBuffer();
      for (const [channel, value] of fromSrgb(profile, [r, g, b]).entries())
        expect(Math.abs(value - (numbers[channel] ?? 0))).toBeLessThanOrEqual(2);
    }
  });
});
