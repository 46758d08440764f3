import { MagickFormat } from '@imagemagick/magick-wasm';
import { describeGolden } from './support/cases.ts';
import { greyProfile, rgbProfile, spaces, srgbCurve } from './support/icc.ts';
import { write } from './support/magick.ts';
import { iccpChunk, writePng } from './support/png.ts';
import { colourAt, fading, samples, SIDES } from './support/scene.ts';

const rgba = (most?: 65_535) => samples(SIDES, (x, y) => [...colourAt(x, y), fading(x)], most);
const opaque = (most?: 65_535) => samples(SIDES, (x, y) => [...colourAt(x, y), 1], most);
const greyAlpha = (most?: 65_535) => samples(SIDES, (x, y) => [colourAt(x, y, 0)[0], fading(x)], most);

const [p3, light] = [iccpChunk(rgbProfile(spaces.displayP3, srgbCurve)), iccpChunk(greyProfile(1))];
const rgbaPng = (values: ArrayLike<number>, depth: 8 | 16, chunks: readonly (readonly [string, Buffer])[] = []) =>
  writePng({ type: 'rgba', depth, ...SIDES, samples: values, chunks });
const greyAlphaPng = (depth: 8 | 16, chunks: readonly (readonly [string, Buffer])[] = []) =>
  writePng({ type: 'greyAlpha', depth, ...SIDES, samples: greyAlpha(depth === 16 ? 65_535 : undefined), chunks });

/** 216 colours of the web, of which those with much red are half transparent and the rest are opaque but the last, which is not there. */
const palette = (isTransparent: boolean, interlaced = false): Buffer => {
  const steps = [0, 51, 102, 153, 204, 255];
  const colours = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => [r, g, b])));
  const alpha = colours.map(([r = 0, g = 0, b = 0]) => (g > 150 && b < 60 ? 0 : r > 150 ? 128 : 255));
  const index = samples(SIDES, (x, y) => {
    const [r, g, b] = colourAt(x, y).map((value) => Math.round(value * 5));
    return [(36 * (r ?? 0) + 6 * (g ?? 0) + (b ?? 0)) / 255];
  });
  const chunks: (readonly [string, Buffer])[] = [['PLTE', Buffer.from(colours.flat())]];
  if (isTransparent) chunks.push(['tRNS', Buffer.from(alpha)]);
  return writePng({ type: 'palette', depth: 8, ...SIDES, samples: index, chunks, interlaced });
};

/** A colour that a picture without alpha calls transparent (PNG, 11.3.1.1): here that of the yellow patch. */
const keyed = writePng({
  type: 'rgb',
  depth: 8,
  ...SIDES,
  samples: samples(SIDES, (x, y) => colourAt(x, y)),
  chunks: [['tRNS', Buffer.from(colourAt(0.7, 0.75).flatMap((value) => [0, Math.round(255 * value)]))]],
});

const raw = { ...SIDES, channels: 'rgba', data: Uint8Array.from(rgba()) } as const;
const lossless = { 'webp:lossless': 'true', 'webp:exact': 'true' };

describeGolden('transparency', [
  { name: 'PNG of RGBA', file: rgbaPng(rgba(), 8), transparent: true, mistaken: rgbaPng(opaque(), 8) },
  {
    name: 'PNG of RGBA, 16 bits',
    file: rgbaPng(rgba(65_535), 16),
    transparent: true,
    mistaken: rgbaPng(opaque(65_535), 16),
  },
  {
    name: 'PNG of RGBA, Display P3',
    file: rgbaPng(rgba(), 8, [p3]),
    transparent: true,
    wide: true,
    mistaken: rgbaPng(rgba(), 8),
  },
  { name: 'PNG of RGBA, Display P3, 16 bits', file: rgbaPng(rgba(65_535), 16, [p3]), transparent: true, wide: true },
  { name: 'PNG of grey and alpha', file: greyAlphaPng(8), transparent: true },
  { name: 'PNG of grey and alpha, 16 bits', file: greyAlphaPng(16), transparent: true },
  {
    name: 'PNG of grey and alpha, linear light',
    file: greyAlphaPng(8, [light]),
    transparent: true,
    mistaken: greyAlphaPng(8),
  },
  {
    name: 'PNG of grey and alpha, linear light, 16 bits',
    file: greyAlphaPng(16, [light]),
    transparent: true,
    mistaken: greyAlphaPng(16),
  },
  { name: 'PNG with a palette', file: palette(false) },
  { name: 'PNG with a palette, interlaced', file: palette(false, true), expected: palette(false) },
  { name: 'PNG with a palette and tRNS', file: palette(true), transparent: true, mistaken: palette(false) },
  { name: 'PNG with a transparent colour', file: keyed, transparent: true },
  {
    name: 'WebP',
    file: write(raw, MagickFormat.WebP, { defines: lossless }),
    expected: rgbaPng(rgba(), 8),
    transparent: true,
  },
  { name: 'AVIF', file: write(raw, MagickFormat.Avif), transparent: true },
  { name: 'GIF', file: write(raw, MagickFormat.Gif), transparent: true },
]);
