import { MagickFormat } from '@imagemagick/magick-wasm';
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
      { name: `${name}, beyond sRGB, 16 bits`, file: deepPng(1, icc), wide: true, mistaken: deepPng(1) },
      { name: `${name}, within sRGB, 16 bits`, file: deepPng(MUTED, icc) },
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
