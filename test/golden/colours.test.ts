import { readFileSync } from 'node:fs';
import { MagickFormat } from '@imagemagick/magick-wasm';
import sharp from 'sharp';
import { describeGolden, type Golden } from './support/cases.ts';
import { asPlainCmyk, builtInPress, cmykJpeg, transformOf, ycckJpeg } from './support/cmyk.ts';
import {
  cmykProfile,
  type Curve,
  greyProfile,
  type Primaries,
  proPhotoCurve,
  rgbProfile,
  spaces,
  srgbCurve,
} from './support/icc.ts';
import { write } from './support/magick.ts';
import { iccpChunk, writePng } from './support/png.ts';
import { colourAt, samples, SIDES } from './support/scene.ts';

/** Vividness at which no colour of the scene lies beyond sRGB, whatever the profile. */
const MUTED = 0.2;

const rgb = (vividness: number, most?: 65_535) => samples(SIDES, (x, y) => colourAt(x, y, vividness), most);
const grey = (most?: 65_535) => samples(SIDES, (x, y) => [colourAt(x, y, 0)[0]], most);
const chunksOf = (icc?: Buffer) => (icc === undefined ? [] : [iccpChunk(icc)]);

const rgbPng = (vividness: number, icc?: Buffer) =>
  writePng({ type: 'rgb', depth: 8, ...SIDES, samples: rgb(vividness), chunks: chunksOf(icc) });
const deepPng = (vividness: number, icc?: Buffer) =>
  writePng({ type: 'rgb', depth: 16, ...SIDES, samples: rgb(vividness, 65_535), chunks: chunksOf(icc) });
const rgbJpeg = (icc?: Buffer) =>
  write({ ...SIDES, channels: 'rgb', data: Uint8Array.from(rgb(1)) }, MagickFormat.Jpeg, { icc });
const greyJpeg = (icc?: Buffer) =>
  write({ ...SIDES, channels: 'gray', data: Uint8Array.from(grey()) }, MagickFormat.Jpeg, { icc });
const greyPng = (depth: 8 | 16, icc?: Buffer) =>
  writePng({ type: 'grey', depth, ...SIDES, samples: depth === 8 ? grey() : grey(65_535), chunks: chunksOf(icc) });

const [swapped, p3] = [rgbProfile(spaces.swapped, srgbCurve), rgbProfile(spaces.displayP3, srgbCurve)];
const press = cmykProfile();

const profiles: readonly (readonly [string, Primaries, Curve])[] = [
  ['Display P3', spaces.displayP3, srgbCurve],
  ['Adobe RGB', spaces.adobeRgb, 563 / 256],
  ['ProPhoto RGB', spaces.proPhoto, proPhotoCurve],
];

describeGolden('colour profiles of RGB', [
  { name: 'none', file: rgbPng(1) },
  { name: 'sRGB', file: rgbPng(1, rgbProfile(spaces.srgb, srgbCurve)) },
  { name: 'sRGB, 16 bits', file: deepPng(1, rgbProfile(spaces.srgb, srgbCurve)) },
  ...profiles.flatMap(([name, primaries, curve]): Golden[] => {
    const icc = rgbProfile(primaries, curve);
    return [
      { name: `${name}, beyond sRGB`, file: rgbPng(1, icc), wide: true, mistaken: rgbPng(1) },
      { name: `${name}, within sRGB`, file: rgbPng(MUTED, icc) },
      {
        name: `${name}, beyond sRGB, 16 bits`,
        file: deepPng(1, icc),
        wide: true,
        only: 'mobile',
        mistaken: deepPng(1),
      },
      { name: `${name}, within sRGB, 16 bits`, file: deepPng(MUTED, icc), only: 'mobile' },
    ];
  }),
  { name: 'swapped channels', file: rgbPng(1, swapped), mistaken: rgbPng(1) },
  { name: 'swapped channels, 16 bits', file: deepPng(1, swapped), mistaken: deepPng(1) },
  { name: 'swapped channels, JPEG', file: rgbJpeg(swapped), mistaken: rgbJpeg() },
  { name: 'Display P3, JPEG', file: rgbJpeg(p3), wide: true, mistaken: rgbJpeg() },
  { name: 'linear light', file: rgbPng(MUTED, rgbProfile(spaces.srgb, 1)), mistaken: rgbPng(MUTED) },
]);

describeGolden('grey', [
  { name: '8 bits', file: greyPng(8) },
  { name: '16 bits', file: greyPng(16) },
  ...[1, 1.8, 2.6].flatMap((gamma): Golden[] => {
    const icc = greyProfile(gamma);
    return [
      { name: `gamma ${gamma}`, file: greyPng(8, icc), mistaken: greyPng(8) },
      { name: `gamma ${gamma}, 16 bits`, file: greyPng(16, icc), mistaken: greyPng(16) },
    ];
  }),
  { name: 'JPEG', file: greyJpeg() },
  { name: 'JPEG, gamma 1.8', file: greyJpeg(greyProfile(1.8)), mistaken: greyJpeg() },
]);

/** Numbers of a PNG's chunks, four bytes each. */
const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
};
const gama = (gamma: number): readonly [string, Buffer] => ['gAMA', u32(Math.round(100_000 / gamma))];
const chrm = ({ white, red, green, blue }: Primaries): readonly [string, Buffer] => [
  'cHRM',
  u32(...[white, red, green, blue].flat().map((value) => Math.round(value * 100_000))),
];
const chunkPng = (vividness: number, ...chunks: readonly (readonly [string, Buffer])[]) =>
  writePng({ type: 'rgb', depth: 8, ...SIDES, samples: rgb(vividness), chunks });
const greyChunkPng = (depth: 8 | 16, ...chunks: readonly (readonly [string, Buffer])[]) =>
  writePng({ type: 'grey', depth, ...SIDES, samples: depth === 8 ? grey() : grey(65_535), chunks });
const cicp = (primaries: number): readonly [string, Buffer] => ['cICP', Buffer.from([primaries, 13, 0, 1])];

/** An AVIF without a profile whose `colr` names these primaries (ITU-T H.273, table 2). */
const avifOf = (primaries: number): Buffer => {
  const avif = readFileSync(new URL('./fixtures/sofa_grid1x5_420.avif', import.meta.url));
  avif.writeUInt16BE(primaries, avif.indexOf('colrnclx', 0, 'latin1') + 8);
  return avif;
};

/** An AVIF of ten bits. */
const deepAvif = (profile?: string): Promise<Buffer> => {
  const image = sharp(Uint8Array.from(rgb(1)), { raw: { ...SIDES, channels: 3 } });
  const tagged = profile === undefined ? image : image.withIccProfile(profile);
  return tagged.avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4', bitdepth: 10 }).toBuffer();
};
const p3Png = rgbPng(1, p3);

describeGolden('colours by other words than a profile', [
  {
    name: 'gAMA of 1',
    file: chunkPng(1, gama(1)),
    expected: rgbPng(1, rgbProfile(spaces.srgb, 1)),
    mistaken: rgbPng(1),
  },
  {
    name: 'gAMA of 1.8',
    file: chunkPng(1, gama(1.8)),
    expected: rgbPng(1, rgbProfile(spaces.srgb, 1.8)),
    mistaken: rgbPng(1),
  },
  { name: 'gAMA of 2.2', file: chunkPng(1, gama(2.2)), expected: rgbPng(1, rgbProfile(spaces.srgb, 2.2)) },
  { name: 'gAMA of 1 under sRGB', file: chunkPng(1, gama(1), ['sRGB', Buffer.from([0])]), expected: rgbPng(1) },
  {
    name: 'gAMA of 1, grey',
    file: greyChunkPng(8, gama(1)),
    expected: greyPng(8, greyProfile(1)),
    mistaken: greyPng(8),
  },
  {
    name: 'gAMA of 1, grey, 16 bits',
    file: greyChunkPng(16, gama(1)),
    expected: greyPng(8, greyProfile(1)),
    mistaken: greyPng(16),
  },
  {
    name: 'cHRM of swapped channels',
    file: chunkPng(1, gama(2.2), chrm(spaces.swapped)),
    expected: rgbPng(1, rgbProfile(spaces.swapped, 2.2)),
    mistaken: rgbPng(1),
  },
  { name: 'cICP of Display P3', file: chunkPng(1, cicp(12)), expected: p3Png, wide: true, mistaken: rgbPng(1) },
  { name: 'cICP of sRGB over another gAMA', file: chunkPng(1, cicp(1), gama(1)), expected: rgbPng(1) },
  {
    name: 'AVIF of BT.2020 by its number',
    file: avifOf(9),
    untagged: rgbProfile(spaces.bt2020, srgbCurve),
    wide: true,
    mistaken: avifOf(1),
  },
]);

describeGolden('AVIF of ten bits', [
  { name: 'without a profile', file: await deepAvif(), expected: rgbPng(1) },
  { name: 'of Display P3', file: await deepAvif('p3') },
]);

const [cmyk, untagged, ycck] = [await cmykJpeg(press), await cmykJpeg(), ycckJpeg(press)];

describeGolden('CMYK', [
  { name: 'with a profile', file: cmyk, mistaken: await cmykJpeg(press, true) },
  {
    name: 'without a profile',
    file: untagged,
    untagged: await builtInPress(),
    mistaken: await cmykJpeg(undefined, true),
  },
  { name: 'as YCCK', file: ycck, mistaken: asPlainCmyk(ycck) },
]);

it('CMYK and YCCK are what they are called', () => {
  expect([cmyk, untagged, ycck].map(transformOf)).toEqual([0, 0, 2]);
});
