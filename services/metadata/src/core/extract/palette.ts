import { type Preview, visiblePixels } from './pixels.ts';

/** Most colours of a palette; the contract's limit. */
const MAX_COLOURS = 6;
/** Bits kept of each channel when colours are counted. */
const BITS = 4;
const SHIFT = 8 - BITS;
/** Closer than this in OKLab (0.02 is what an eye can just tell apart), two colours are one to a palette. */
const APART = 0.12;
/** Less of the picture than this, a colour is no part of its palette. */
const MIN_SHARE = 0.01;
/** Rounds of moving each colour to the middle of what is closest to it; it settles in three. */
const ROUNDS = 3;

/** Lightness, green to red, blue to yellow. */
type Lab = readonly [l: number, a: number, b: number];

interface Shade {
  readonly rgb: readonly [r: number, g: number, b: number];
  readonly lab: Lab;
  /** How much of the picture has it, in pixels by opacity. */
  readonly weight: number;
}

const linear = (value: number): number => {
  const c = value / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

/** sRGB to OKLab (Ottosson, "A perceptual color space for image processing", 2020). */
const toLab = (rgb: readonly [number, number, number]): Lab => {
  const [r, g, b] = [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
};

const distance = (one: Lab, other: Lab): number => Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);

/** Sums of weight and of each channel, by weight. */
type Sums = [weight: number, r: number, g: number, b: number];

const shadeOf = ([weight, r, g, b]: Sums): Shade => {
  const rgb = [r / weight, g / weight, b / weight] as const;
  return { rgb, lab: toLab(rgb), weight };
};

/** The colours of a 16 × 16 × 16 histogram, the fullest first. */
const shadesOf = (preview: Preview): Shade[] => {
  const bins = new Map<number, Sums>();
  for (const [r, g, b, a] of visiblePixels(preview)) {
    const key = ((r >> SHIFT) << (2 * BITS)) | ((g >> SHIFT) << BITS) | (b >> SHIFT);
    const bin = bins.get(key) ?? [0, 0, 0, 0];
    bin[0] += a;
    bin[1] += a * r;
    bin[2] += a * g;
    bin[3] += a * b;
    bins.set(key, bin);
  }
  return [...bins.values()].map(shadeOf).sort((one, other) => other.weight - one.weight);
};

/** The fullest shades that are clearly apart from each other. */
const seedsOf = (shades: readonly Shade[]): Shade[] => {
  const seeds: Shade[] = [];
  for (const shade of shades) {
    if (seeds.length === MAX_COLOURS) break;
    if (seeds.every((seed) => distance(seed.lab, shade.lab) >= APART)) seeds.push(shade);
  }
  return seeds;
};

/** Each centre moved to the middle of the shades that are closest to it; its weight is theirs. */
const settled = (centres: readonly Shade[], shades: readonly Shade[]): Shade[] => {
  const sums = centres.map((): Sums => [0, 0, 0, 0]);
  for (const { rgb, lab, weight } of shades) {
    const distances = centres.map((centre) => distance(centre.lab, lab));
    const sum = sums[distances.indexOf(Math.min(...distances))] ?? [0, 0, 0, 0];
    sum[0] += weight;
    sum[1] += weight * rgb[0];
    sum[2] += weight * rgb[1];
    sum[3] += weight * rgb[2];
  }
  return sums.filter(([weight]) => weight > 0).map(shadeOf);
};

const hex = (value: number): string => Math.round(value).toString(16).padStart(2, '0');

/**
 * Up to six colours that the picture is made of, `#rrggbb`, the most common first; none when nothing can be seen. Clustered
 * in OKLab, where distance is what an eye sees; colours that cover less than a hundredth are left out.
 */
export const paletteOf = (preview: Preview): string[] => {
  const shades = shadesOf(preview);
  let centres = seedsOf(shades);
  for (let round = 0; round < ROUNDS; round += 1) centres = settled(centres, shades);
  const all = centres.reduce((sum, { weight }) => sum + weight, 0);
  return centres
    .filter(({ weight }) => weight >= MIN_SHARE * all)
    .sort((one, other) => other.weight - one.weight)
    .map(({ rgb }) => `#${rgb.map(hex).join('')}`);
};
