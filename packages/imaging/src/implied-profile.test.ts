import fc from 'fast-check';
import sharp from 'sharp';
import { fixture } from '../test/support/bytes.ts';
import { isSrgb, isWide, readRgbProfile } from './colour-profile.ts';
import { impliedProfile } from './implied-profile.ts';
import { greyProfile, matrixProfile } from './matrix-profile.ts';
import { tagColour } from './tag-colour.ts';

const chunk = (name: string, data: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(name, 'latin1'), data, Buffer.alloc(4)]);
};
const gama = (value: number): Buffer => {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return chunk('gAMA', data);
};
/** A PNG up to its pixels: nothing behind them is looked at. */
const png = (...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.alloc(33), ...chunks, chunk('IDAT', Buffer.alloc(0))]);
const of = (file: Buffer, isGrey = false) => impliedProfile(file, 'png', isGrey);
const D65 = [0.3127, 0.329] as const;
const srgb = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 } as const;

describe('the profile that a file implies', () => {
  it('by gAMA has that gamma', () => {
    const profile = readRgbProfile(of(png(gama(55_556))) ?? Buffer.alloc(0));
    expect(profile?.linear(0.5)).toBeCloseTo(0.5 ** 1.8, 3);
  });

  it.each([
    ['says nothing', png()],
    ['says sRGB', png(gama(100_000), chunk('sRGB', Buffer.from([0])))],
    ['says the gamma of sRGB', png(gama(45_455))],
    ['says it behind the pixels', png(chunk('IDAT', Buffer.alloc(0)), gama(100_000))],
    ['says a gamma that nobody has', png(gama(3))],
    ['says a gamma of nothing', png(gama(0))],
    ['says PQ, which is not for eight bits', png(chunk('cICP', Buffer.from([9, 16, 0, 1])))],
  ])('is none where it %s', (_name, file) => {
    expect(of(file)).toBeUndefined();
  });

  it('by cICP of Display P3 is wide', () => {
    const profile = readRgbProfile(of(png(chunk('cICP', Buffer.from([12, 13, 0, 1])))) ?? Buffer.alloc(0));
    expect(profile && isWide(profile)).toBe(true);
  });

  it('of grey is one for grey', () => {
    expect(of(png(gama(100_000)), true)?.toString('latin1', 16, 20)).toBe('GRAY');
    expect(of(png(chunk('cICP', Buffer.from([12, 13, 0, 1]))), true)).toBeUndefined();
  });

  it('by the number in an AVIF is that of Display P3', () => {
    const avif = fixture('abc_color_irot_alpha_irot.avif');
    expect(impliedProfile(avif, 'avif', false)).toBeUndefined();
    avif.writeUInt16BE(12, avif.indexOf('colrnclx', 0, 'latin1') + 8);
    const profile = readRgbProfile(impliedProfile(avif, 'avif', false) ?? Buffer.alloc(0));
    expect(profile && isWide(profile)).toBe(true);
  });

  it.each(['png', 'avif'] as const)('is read of any %s without an error', (format) => {
    const sound =
      format === 'avif' ? fixture('tiles_800x600.avif') : png(gama(100_000), chunk('cHRM', Buffer.alloc(32, 9)));
    const changed = fc
      .array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 12 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.fill(value, at, at + 1), Buffer.from(sound)));
    const cut = fc.nat(sound.length).map((length) => sound.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(changed, cut, fc.uint8Array().map(Buffer.from)), (bytes) => {
        expect(() => impliedProfile(Buffer.from(bytes), format, false)).not.toThrow();
      }),
    );
  });
});

describe('a profile of our own', () => {
  it('of the numbers of sRGB is sRGB', () => {
    const profile = readRgbProfile(matrixProfile(srgb, 'srgb'));
    expect(profile && isSrgb(profile)).toBe(true);
  });

  it.each([
    ['colour', matrixProfile(srgb, 1), 3],
    ['grey', greyProfile(1), 1],
  ] as const)('for %s is one that decoders convert by', async (_name, icc, channels) => {
    const file = await sharp(Buffer.alloc(channels, 55), { raw: { width: 1, height: 1, channels } })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .png()
      .toBuffer();
    const seen = await sharp(tagColour(file, 'png', icc))
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    // 55/255 of the light is 128/255 by sRGB's curve.
    expect(Math.abs((seen[0] ?? 0) - 128)).toBeLessThanOrEqual(1);
  });
});
