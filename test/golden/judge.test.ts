import { readFileSync } from 'node:fs';
import { converter, differenceCiede2000 } from 'culori';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { isWithin } from './support/cases.ts';
import { ciede2000, type Lab, labOf } from './support/colour-difference.ts';
import {
  cmykProfile,
  greyProfile,
  printed,
  proPhotoCurve,
  rgbProfile,
  spaces,
  srgbCurve,
  toXyzOf,
} from './support/icc.ts';
import { cmykJpeg } from './support/cmyk.ts';
import { compare, SIDE, witness } from './support/judge.ts';
import { see } from './support/magick.ts';
import { iccpChunk, writePng } from './support/png.ts';
import { colourAt, samples } from './support/scene.ts';

const photo = readFileSync(new URL('../../services/variants/test/fixtures/landscape_1.jpg', import.meta.url));
const square = { width: SIDE, height: SIDE };

describe('CIEDE2000', () => {
  // Sharma, Wu, Dalal, table 1: pairs at the places where programs go wrong.
  it.each<[Lab, Lab, number]>([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 3.1571, -77.2803], [50, 0, -82.7485], 2.8615],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
    [[50, 2.49, -0.001], [50, -2.49, 0.001], 7.1792],
    [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
    [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
    [[50, -0.001, 2.49], [50, 0.0011, -2.49], 4.7461],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[50, 2.5, 0], [61, -5, 29], 22.8977],
    [[50, 2.5, 0], [56, -27, -3], 31.903],
    [[50, 2.5, 0], [58, 24, 15], 19.4535],
    [[50, 2.5, 0], [50, 3.1736, 0.5854], 1],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.263],
    [[35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645],
    [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
    [[90.8027, -2.0831, 1.441], [91.1528, -1.6435, 0.0447], 1.4441],
    [[6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ])('of %j and %j is %d', (one, other, expected) => {
    expect(ciede2000(one, other)).toBeCloseTo(expected, 4);
    expect(ciede2000(other, one)).toBeCloseTo(expected, 4);
  });

  const byte = fc.nat(255);
  const pixel = fc.tuple(byte, byte, byte);

  it('is that of culori', () => {
    const [theirs, toLab] = [differenceCiede2000(), converter('lab65')];
    const labOfPixel = ([r, g, b]: readonly [number, number, number]) =>
      toLab({ mode: 'rgb', r: r / 255, g: g / 255, b: b / 255 });
    fc.assert(
      fc.property(pixel, pixel, (one, other) => {
        const [left, right] = [labOfPixel(one), labOfPixel(other)];
        expect(ciede2000([left.l, left.a, left.b], [right.l, right.a, right.b])).toBeCloseTo(theirs(left, right), 6);
      }),
    );
  });

  it('is taken of the Lab that culori finds', () => {
    const toLab = converter('lab');
    fc.assert(
      fc.property(pixel, ([r, g, b]) => {
        const theirs = toLab({ mode: 'rgb', r: r / 255, g: g / 255, b: b / 255 });
        expect(ciede2000(labOf([r, g, b], toXyzOf(spaces.srgb)), [theirs.l, theirs.a, theirs.b])).toBeLessThan(0.1);
      }),
    );
  });
});

describe('the witness sees the numbers put in', () => {
  /** What a third program makes of the same numbers, whose space it knows by name. */
  const expectedPixels = (mode: 'rgb' | 'p3' | 'a98' | 'prophoto'): Uint8Array => {
    const toSrgb = converter('rgb');
    return Uint8Array.from(
      samples(square, (x, y) => {
        const [r, g, b] = colourAt(x, y, 0.2).map((value) => Math.round(value * 255) / 255);
        const colour = toSrgb({ mode, r: r ?? 0, g: g ?? 0, b: b ?? 0 });
        return [colour.r, colour.g, colour.b].map((value) => Math.min(1, Math.max(0, value)));
      }),
    );
  };
  const png = (icc: Buffer) =>
    writePng({
      type: 'rgb',
      depth: 8,
      ...square,
      samples: samples(square, (x, y) => colourAt(x, y, 0.2)),
      chunks: [iccpChunk(icc)],
    });

  it.each([
    ['rgb', rgbProfile(spaces.srgb, srgbCurve)],
    ['p3', rgbProfile(spaces.displayP3, srgbCurve)],
    ['a98', rgbProfile(spaces.adobeRgb, 563 / 256)],
    ['prophoto', rgbProfile(spaces.proPhoto, proPhotoCurve)],
  ] as const)('of %s', (mode, icc) => {
    const { p95 } = compare(witness(png(icc))('#ffffff').pixels, expectedPixels(mode), 'srgb');
    expect(p95).toBeLessThan(0.7);
  });

  it('of grey in linear light', () => {
    const grey = writePng({
      type: 'grey',
      depth: 8,
      width: 1,
      height: 1,
      samples: [55],
      chunks: [iccpChunk(greyProfile(1))],
    });
    // 55/255 of the light is 0.5028 by sRGB's curve.
    expect(Math.abs((witness(grey)('#ffffff').pixels[0] ?? 0) - 128)).toBeLessThanOrEqual(1);
  });

  it('of a print, by its own profile', async () => {
    const jpeg = await cmykJpeg(cmykProfile());
    const [r = 0, g = 0, b = 0] = witness(jpeg)('#ffffff').pixels.subarray(0, 3);
    const inks = await sharp(jpeg).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    const [c = 0, m = 0, y = 0, k = 0] = [...inks.subarray(0, 4)].map((value) => value / 255);
    expect(ciede2000(labOf([r, g, b], toXyzOf(spaces.srgb)), printed([c, m, y, k]))).toBeLessThan(4);
  });

  it('through what is transparent the background', () => {
    const half = writePng({ type: 'rgba', depth: 8, width: 1, height: 1, samples: [255, 0, 0, 128] });
    expect([...witness(half)('#0000ff').pixels.subarray(0, 3)]).toEqual([128, 0, 127]);
  });
});

describe('the judge', () => {
  /** The rung that may differ most. */
  const thumbnail = { width: 320, tier: 'n' } as const;
  const seen = (file: Buffer) => see(file, { space: 'srgb', background: '#ffffff', side: SIDE }).pixels;
  const original = seen(photo);
  const verdictOn = async (image: Sharp) => compare(original, seen(await image.png().toBuffer()), 'srgb');

  it('finds no difference between a picture and itself', () => {
    expect(compare(original, original, 'srgb')).toEqual({ hash: 0, mean: 0, p95: 0 });
  });

  it('lets the loss of lossy coding pass', async () => {
    const coded = await sharp(photo).jpeg({ quality: 60 }).toBuffer();
    expect(isWithin(compare(original, seen(coded), 'srgb'), thumbnail)).toBe(true);
  });

  it.each<[string, Sharp]>([
    ['mirrored', sharp(photo).flop()],
    ['upside down', sharp(photo).flip()],
    ['turned', sharp(photo).rotate(90)],
    ['grey', sharp(photo).greyscale()],
    ['a tenth brighter', sharp(photo).modulate({ brightness: 1.1 })],
    ['a quarter more colourful', sharp(photo).modulate({ saturation: 1.25 })],
    ['of a hue 8 degrees away', sharp(photo).modulate({ hue: 8 })],
    [
      'with red and blue changed over',
      sharp(photo).recomb([
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ]),
    ],
    ['of linear light taken for sRGB', sharp(photo).linear(1, 0).gamma(1, 2.2)],
    ['cut off at one side', sharp(photo).extract({ left: 30, top: 0, width: 420, height: 300 })],
    [
      'half of it grey, as of a file cut short',
      sharp(photo).composite([
        { input: { create: { width: 450, height: 150, channels: 3, background: '#808080' } }, left: 0, top: 150 },
      ]),
    ],
  ])('refuses a picture that is %s', async (_name, image) => {
    expect(isWithin(await verdictOn(image), thumbnail)).toBe(false);
  });
});
