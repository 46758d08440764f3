import { type Color, converter, differenceCiede2000, type Lab65 } from 'culori';
import { type Seen, see, type Space } from './magick.ts';
import { distance, perceptualHash } from './perceptual-hash.ts';

/** Pictures are compared at 64 × 64 pixels: colours and composition, not grain. */
export const SIDE = 64;

const toLab = converter('lab65');
const toProPhoto = converter('prophoto');
const deltaE = differenceCiede2000();

/** ISO 22028-2: the curve of ProPhoto RGB, by which culori knows its values. */
const rommCurve = (light: number): number => (light < 1 / 512 ? 16 * light : light ** (1 / 1.8));
const rommLight = (value: number): number => (value < 1 / 32 ? value / 16 : value ** 1.8);
const srgbLight = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const srgbCurve = (light: number): number => (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);

/** A pixel of the wide space (ProPhoto's primaries with sRGB's curve, so that transparency mixes as it does on screens). */
const wideRgb = (r: number, g: number, b: number): Color => {
  const [red = 0, green = 0, blue = 0] = [r, g, b].map((value) => rommCurve(srgbLight(value)));
  return { mode: 'prophoto', r: red, g: green, b: blue };
};

const labOf = (pixels: Uint8Array, space: Space): Lab65[] =>
  Array.from({ length: pixels.length / 3 }, (_, index) => {
    const [r = 0, g = 0, b = 0] = pixels.subarray(3 * index, 3 * index + 3);
    const values = [r / 255, g / 255, b / 255] as const;
    return toLab(space === 'wide' ? wideRgb(...values) : { mode: 'rgb', r: values[0], g: values[1], b: values[2] });
  });

/** A colour of sRGB, `#rrggbb`, in the numbers of a space. */
const inSpace = (colour: string, space: Space): string => {
  if (space === 'srgb') return colour;
  const { r, g, b } = toProPhoto(colour) ?? { r: 0, g: 0, b: 0 };
  const bytes = [r, g, b].map((value) => Math.round(255 * srgbCurve(rommLight(Math.max(0, value)))));
  return `#${Buffer.from(bytes).toString('hex')}`;
};

/** How far two pictures are from each other. */
export interface Verdict {
  /** Bits of the perceptual hash, of 63. */
  readonly hash: number;
  /** CIEDE2000: 1 is what a trained eye sees side by side, 2 to 3 what others do. */
  readonly mean: number;
  /** 95 of 100 pixels are nearer than this. */
  readonly p95: number;
}

/** Compares pixels of two pictures, both `SIDE` × `SIDE` and in the same space. */
export const compare = (a: Uint8Array, b: Uint8Array, space: Space): Verdict => {
  const [left, right] = [labOf(a, space), labOf(b, space)];
  const differences = left
    .map((colour, index) => deltaE(colour, right[index] ?? colour))
    .sort((one, other) => one - other);
  return {
    hash: distance(perceptualHash(a, SIDE), perceptualHash(b, SIDE)),
    mean: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    p95: differences[Math.floor(0.95 * differences.length)] ?? Number.NaN,
  };
};

export interface JudgeOptions {
  /** `wide`: the rendition keeps colours beyond sRGB. */
  readonly space?: Space;
  /** Colours behind what is transparent; each is compared. */
  readonly backgrounds?: readonly string[];
  /** How the original's colours are meant where it has no profile. */
  readonly untagged?: Buffer | undefined;
}

/** What an independent decoder sees of an original, to hold renditions against. */
export const witness = (original: Uint8Array, { space = 'srgb', untagged }: JudgeOptions = {}) => {
  const seen = new Map<string, Seen>();
  return (background: string): Seen => {
    const found =
      seen.get(background) ?? see(original, { space, background: inSpace(background, space), side: SIDE, untagged });
    seen.set(background, found);
    return found;
  };
};

/** The worst of what a rendition shows over each background against what the witness saw there. */
export const judge = (
  rendition: Uint8Array,
  expected: ReturnType<typeof witness>,
  { space = 'srgb', backgrounds = ['#ffffff'] }: JudgeOptions = {},
): Verdict =>
  backgrounds
    .map((background) => {
      const found = see(rendition, { space, background: inSpace(background, space), side: SIDE });
      return compare(expected(background).pixels, found.pixels, space);
    })
    .reduce((a, b) => ({
      hash: Math.max(a.hash, b.hash),
      mean: Math.max(a.mean, b.mean),
      p95: Math.max(a.p95, b.p95),
    }));
