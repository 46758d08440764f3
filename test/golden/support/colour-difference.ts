// Taken out of `Math` once: in the sandbox that Jest runs tests in, each look-up of a global costs more than the function.
const { abs, atan2, cbrt, cos, exp, hypot, min, PI, sin, sqrt } = Math;

/** CIELAB under D50: lightness 0 to 100, red to green, yellow to blue. */
export type Lab = readonly [lightness: number, a: number, b: number];
type Triple = readonly [number, number, number];

const srgbLight = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const LIGHT = Float64Array.from({ length: 256 }, (_, byte) => srgbLight(byte / 255));

/** White of D50 (ICC.1:2022, 7.2.16). */
const WHITE: Triple = [0.9642, 1, 0.8249];

/** CIE 15:2018, 8.2.1. */
const cubeRoot = (share: number): number => (share > 216 / 24_389 ? cbrt(share) : ((24_389 * share) / 27 + 16) / 116);

/**
 * Lab of a pixel of three bytes whose tone curve is sRGB's. `toXyz`: from linear light to XYZ under D50, row by row.
 */
export const labOf = ([r, g, b]: Triple, toXyz: readonly Triple[]): Lab => {
  const [red = 0, green = 0, blue = 0] = [LIGHT[r], LIGHT[g], LIGHT[b]];
  const part = (row: number): number => {
    const [x, y, z] = toXyz[row] ?? [0, 0, 0];
    return cubeRoot((x * red + y * green + z * blue) / (WHITE[row] ?? 1));
  };
  const [x, y, z] = [part(0), part(1), part(2)];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

const DEGREE = PI / 180;
const POW25_7 = 25 ** 7;

/** Share by which chroma is bent: none for strong colours, half for grey ones. */
const bend = (chroma: number): number => {
  const seventh = chroma ** 7;
  return sqrt(seventh / (seventh + POW25_7));
};

/** In degrees, 0 to 360; 0 for grey. */
const hueOf = (a: number, b: number): number => (a === 0 && b === 0 ? 0 : (atan2(b, a) / DEGREE + 360) % 360);

/** Hues of two colours as their mean and their difference the short way round, in degrees; a grey has the other's hue. */
const hues = (one: number, other: number, hasGrey: boolean): { mean: number; difference: number } => {
  if (hasGrey) return { mean: one + other, difference: 0 };
  const straight = other - one;
  if (abs(straight) <= 180) return { mean: (one + other) / 2, difference: straight };
  const sum = one + other;
  return { mean: (sum + (sum < 360 ? 360 : -360)) / 2, difference: straight + (straight > 0 ? -360 : 360) };
};

/**
 * CIEDE2000 with all weights 1 (Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula", 2005). 1 is what a trained eye sees side by
 * side, 2 to 3 what others do.
 */
export const ciede2000 = ([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number => {
  const g = 1.5 - 0.5 * bend((hypot(a1, b1) + hypot(a2, b2)) / 2);
  const [c1, c2] = [hypot(g * a1, b1), hypot(g * a2, b2)];
  const hue = hues(hueOf(g * a1, b1), hueOf(g * a2, b2), c1 * c2 === 0);
  const [lightness, chroma] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const wave = (times: number, shift: number): number => cos((times * hue.mean + shift) * DEGREE);
  const t = 1 - 0.17 * wave(1, -30) + 0.24 * wave(2, 0) + 0.32 * wave(3, 6) - 0.2 * wave(4, -63);
  const offset = (lightness - 50) ** 2;
  const dl = (l2 - l1) / (1 + (0.015 * offset) / sqrt(20 + offset));
  const dc = (c2 - c1) / (1 + 0.045 * chroma);
  const dh = (2 * sqrt(c1 * c2) * sin((hue.difference / 2) * DEGREE)) / (1 + 0.015 * chroma * t);
  const turn = -sin(60 * exp(-(((hue.mean - 275) / 25) ** 2)) * DEGREE) * 2 * bend(chroma);
  return sqrt(min(Number.MAX_VALUE, dl ** 2 + dc ** 2 + dh ** 2 + turn * dc * dh));
};
