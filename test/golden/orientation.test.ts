import { readFileSync } from 'node:fs';
import { MagickFormat } from '@imagemagick/magick-wasm';
import sharp from 'sharp';
import { describeGolden, type Golden } from './support/cases.ts';
import { orientationExif, turnedJpeg, turnedWebp } from './support/exif.ts';
import { write } from './support/magick.ts';
import { writePng } from './support/png.ts';
import { lyingScene } from './support/scene.ts';

const variantFixture = (name: string): Buffer =>
  readFileSync(new URL(`../../services/variants/test/fixtures/${name}`, import.meta.url));

const imagingFixture = (name: string): Buffer =>
  readFileSync(new URL(`../../packages/imaging/test/fixtures/${name}`, import.meta.url));

const png = (orientation: number, chunks: readonly (readonly [string, Buffer])[] = []): Buffer => {
  const { data, ...sides } = lyingScene(orientation);
  return writePng({ type: 'rgb', depth: 8, ...sides, samples: data, chunks });
};
const upright = png(1);

const lying = (orientation: number, format: MagickFormat, defines = {}): Buffer =>
  write({ ...lyingScene(orientation), channels: 'rgb' }, format, { defines });

/** A scene that is stored lying, what is told of it, and what a program makes of it that does not listen. */
const turned = (kind: string, file: (orientation: number, told: number) => Buffer): Golden[] =>
  [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => ({
    name: `${kind}, ${orientation}`,
    file: file(orientation, orientation),
    expected: upright,
    ...(kind !== 'JPEG' && { only: 'mobile' }),
    ...(orientation > 1 && { mistaken: file(orientation, 1) }),
  }));

describeGolden('orientation by EXIF', [
  ...turned('JPEG', (orientation, told) => turnedJpeg(lying(orientation, MagickFormat.Jpeg), told)),
  ...turned('PNG', (orientation, told) => png(orientation, [['eXIf', orientationExif(told)]])),
  ...turned('WebP', (orientation, told) => {
    const { width, height } = lyingScene(orientation);
    return turnedWebp(lying(orientation, MagickFormat.WebP, { 'webp:lossless': 'true' }), {
      width,
      height,
      orientation: told,
    });
  }),
]);

describeGolden(
  'photographs that lie',
  [3, 6, 7].map((orientation) => ({
    name: `orientation ${orientation}`,
    file: variantFixture(`landscape_${orientation}.jpg`),
  })),
);

/** A box of an AVIF that turns or mirrors, both nine bytes long, in the place of the one that is there (ISO 23008-12, 6.5.10 and 6.5.12). */
const withTurn = (avif: Buffer, name: 'irot' | 'imir', value: number): Buffer => {
  const copy = Buffer.from(avif);
  for (let at = copy.indexOf('irot'); at >= 0; at = copy.indexOf('irot', at + 5)) {
    copy.write(name, at, 'latin1');
    copy[at + 4] = value;
  }
  return copy;
};

const turnedAvif = variantFixture('abc_color_irot_alpha_irot.avif');

describeGolden('orientation by the container', [
  ...[0, 1, 2, 3].map(
    (quarters): Golden => ({
      name: `AVIF, irot ${quarters}`,
      file: withTurn(turnedAvif, 'irot', quarters),
      transparent: true,
      ...(quarters > 0 && { mistaken: withTurn(turnedAvif, 'irot', 0) }),
    }),
  ),
  ...[0, 1].map(
    (axis): Golden => ({
      name: `AVIF, imir ${axis}`,
      file: withTurn(turnedAvif, 'imir', axis),
      transparent: true,
      mistaken: withTurn(turnedAvif, 'irot', 0),
    }),
  ),
  {
    // HEIF knows its own turns: EXIF's is a remark (ISO 23008-12, A.2.3), which browsers pass by as well.
    name: 'AVIF, whose EXIF says otherwise',
    file: withTurn(await sharp(upright).withMetadata({ orientation: 6 }).avif({ effort: 0 }).toBuffer(), 'irot', 0),
    expected: upright,
  },
  {
    name: 'HEIC of Display P3, turned by its container, with the same turn in EXIF',
    file: variantFixture('iphone-irot-p3.heic'),
    wide: true,
  },
  // Its first picture is a quarter of it, and the primary one the last.
  { name: 'AVIF of several pictures', file: imagingFixture('tiles_800x600.avif'), plain: true },
  { name: 'HEIC', file: variantFixture('cheers_1440x960.heic') },
]);
