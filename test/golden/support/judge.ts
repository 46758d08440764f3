import { converter } from 'culori';
import { ciede2000, type Lab, labOf } from './colour-difference.ts';
import { spaces, toXyzOf } from './icc.ts';
import { type Seen, see, type SeeOptions, type Space } from './magick.ts';
import { distance, perceptualHash } from './perceptual-hash.ts';

/** Pictures are compared at 64 × 64 pixels: colours and composition, not grain. */
export const SIDE = 64;

/** From linear light to XYZ under D50, for each space. */
const toXyz: Readonly<Record<Space, ReturnType<typeof toXyzOf>>> = {
  srgb: toXyzOf(spaces.srgb),
  wide: toXyzOf(spaces.proPhoto),
};

const labsOf = (pixels: Uint8Array, space: Space): Lab[] =>
  Array.from({ length: pixels.length / 3 }, (_, index) =>
    labOf([pixels[3 * index] ?? 0, pixels[3 * index + 1] ?? 0, pixels[3 * index + 2] ?? 0], toXyz[space]),
  );

const toProPhoto = converter('prophoto');
/** ISO 22028-2: the curve of ProPhoto RGB, by which culori knows its values. */
const rommLight = (value: number): number => (value < 1 / 32 ? value / 16 : value ** 1.8);
const srgbCurve = (light: number): number => (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);

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

/** A picture in the two ways it is compared by. */
interface Impression {
  readonly hash: readonly boolean[];
  readonly colours: readonly Lab[];
}

const impressionOf = (pixels: Uint8Array, space: Space): Impression => ({
  hash: perceptualHash(pixels, SIDE),
  colours: labsOf(pixels, space),
});

const difference = (a: Impression, b: Impression): Verdict => {
  const differences = Float64Array.from(a.colours, (colour, index) => ciede2000(colour, b.colours[index] ?? colour));
  differences.sort();
  return {
    hash: distance(a.hash, b.hash),
    mean: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    p95: differences[Math.floor(0.95 * differences.length)] ?? Number.NaN,
  };
};

/** Compares pixels of two pictures, both `SIDE` × `SIDE` and in the same space. */
export const compare = (a: Uint8Array, b: Uint8Array, space: Space): Verdict =>
  difference(impressionOf(a, space), impressionOf(b, space));

export interface JudgeOptions {
  /** `wide`: the rendition keeps colours beyond sRGB. */
  readonly space?: Space;
  /** Colours behind what is transparent; each is compared. */
  readonly backgrounds?: readonly string[];
  /** How the original's colours are meant where it has no profile. */
  readonly untagged?: Buffer | undefined;
  /** The rendition is a square: where the middle of it was wanted. */
  readonly squareAt?: SeeOptions['squareAt'];
}

/** What an independent decoder sees of an original over a background, to hold renditions against. */
export const witness = (original: Uint8Array, { space = 'srgb', untagged, squareAt }: JudgeOptions = {}) => {
  const all = new Map<string, Seen & { impression: Impression }>();
  return (background: string): Seen & { impression: Impression } => {
    const known = all.get(background);
    if (known !== undefined) return known;
    const seen = see(original, { space, background: inSpace(background, space), side: SIDE, untagged, squareAt });
    const found = { ...seen, impression: impressionOf(seen.pixels, space) };
    all.set(background, found);
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
      return difference(expected(background).impression, impressionOf(found.pixels, space));
    })
    .reduce((a, b) => ({
      hash: Math.max(a.hash, b.hash),
      mean: Math.max(a.mean, b.mean),
      p95: Math.max(a.p95, b.p95),
    }));
