import type { Raster } from './open.ts';

/** An ICC profile of a camera or screen: three primaries and a curve (ICC.1:2022, 8.3 "matrix"). */
export interface RgbProfile {
  /** Row by row: from linear light in the profile's primaries to linear light in those of sRGB. */
  readonly toSrgb: readonly number[];
  /** From a value of 0 to 1, as stored, to linear light. */
  readonly linear: (value: number) => number;
}

/** XYZ under D50, the space that profiles meet in, to linear sRGB (Lindbloom, Bradford-adapted). */
const XYZ_TO_SRGB = [
  3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.033454, 0.0719453, -0.2289914, 1.4052427,
];

/** Tags looked at: profiles have about ten. */
const MAX_TAGS = 64;

/** Numbers of a profile; 0 where its offsets lead out of it. */
const u32 = (icc: Buffer, at: number): number => (at + 4 <= icc.length ? icc.readUInt32BE(at) : 0);
const u16 = (icc: Buffer, at: number): number => (at + 2 <= icc.length ? icc.readUInt16BE(at) : 0);

/** s15Fixed16Number (4.6). */
const fixed = (icc: Buffer, at: number): number => (u32(icc, at) | 0) / 65_536;

/** Offset of a tag's data (7.3), or undefined. */
const tagAt = (icc: Buffer, signature: string): number | undefined => {
  const count = Math.min(u32(icc, 128), MAX_TAGS);
  for (let tag = 0; tag < count; tag++) {
    const entry = 132 + 12 * tag;
    if (icc.toString('latin1', entry, entry + 4) === signature) return u32(icc, entry + 4);
  }
  return undefined;
};

const srgbCurve = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** A `curv` (10.6): nothing is a straight line, one number a plain gamma, as Adobe RGB has it, more are a table. */
const tableAt = (icc: Buffer, at: number): RgbProfile['linear'] => {
  const count = u32(icc, at + 8);
  if (count === 0) return (value) => value;
  if (count === 1) return (value) => value ** (u16(icc, at + 12) / 256);
  return (value) => u16(icc, at + 12 + 2 * Math.round(value * (count - 1))) / 65_535;
};

/** A `para` (10.18), of the two kinds that cameras and screens have: a plain gamma, and sRGB's gamma above a straight line. */
const formulaAt = (icc: Buffer, at: number): RgbProfile['linear'] => {
  const [gamma = 1, a = 1, b = 0, c = 0, d = 0] = [12, 16, 20, 24, 28].map((offset) => fixed(icc, at + offset));
  if (u16(icc, at + 8) === 0) return (value) => value ** gamma;
  return (value) => (value >= d ? Math.max(0, a * value + b) ** gamma : c * value);
};

/** The tone curve of a channel. */
const curveAt = (icc: Buffer, at: number): RgbProfile['linear'] =>
  icc.toString('latin1', at, at + 4) === 'curv' ? tableAt(icc, at) : formulaAt(icc, at);

/** The product of two 3 × 3 matrices, row by row. */
const times = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [3 * Math.floor(at / 3), at % 3];
    return [0, 1, 2].reduce((sum, k) => sum + (a[row + k] ?? 0) * (b[3 * k + column] ?? 0), 0);
  });

/** Reads a profile's primaries and curve; undefined for every other kind of profile, and for what is none. Never throws. */
export const readRgbProfile = (icc: Buffer): RgbProfile | undefined => {
  if (icc.toString('latin1', 16, 20) !== 'RGB ' || icc.toString('latin1', 36, 40) !== 'acsp') return undefined;
  const primaries = ['rXYZ', 'gXYZ', 'bXYZ'].map((signature) => tagAt(icc, signature));
  const curve = tagAt(icc, 'rTRC');
  const columns = primaries.map((at) => (at === undefined ? [] : [8, 12, 16].map((offset) => fixed(icc, at + offset))));
  if (curve === undefined || columns.some((column) => column.length === 0)) return undefined;
  const toXyz = [0, 1, 2].flatMap((row) => columns.map((column) => column[row] ?? 0));
  return { toSrgb: times(XYZ_TO_SRGB, toXyz), linear: curveAt(icc, curve) };
};

type Triple = readonly [number, number, number];

const det = ([a, b, c]: Triple, [d, e, f]: Triple, [g, h, i]: Triple): number =>
  a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);

/** The light of each primary of the profile that makes this light of sRGB (Cramer's rule). */
const primariesFor = (matrix: readonly number[], light: Triple): Triple => {
  const column = (at: number): Triple => [matrix[at] ?? 0, matrix[at + 3] ?? 0, matrix[at + 6] ?? 0];
  const [red, green, blue] = [column(0), column(1), column(2)];
  const whole = det(red, green, blue);
  return [det(light, green, blue) / whole, det(red, light, blue) / whole, det(red, green, light) / whole];
};

/** The stored number, 0 to 255, whose light is nearest. */
const nearest = (linear: RgbProfile['linear'], light: number): number => {
  let best = 0;
  for (let byte = 1; byte < 256; byte++)
    if (Math.abs(linear(byte / 255) - light) < Math.abs(linear(best / 255) - light)) best = byte;
  return best;
};

/** The numbers, 0 to 255, by which a profile names a colour of sRGB (0 to 255), or the nearest it has. */
export const fromSrgb = ({ toSrgb, linear }: RgbProfile, [r, g, b]: Triple): Triple => {
  const light = primariesFor(toSrgb, [srgbCurve(r / 255), srgbCurve(g / 255), srgbCurve(b / 255)]);
  return [nearest(linear, light[0]), nearest(linear, light[1]), nearest(linear, light[2])];
};

/** How far a component of linear light may lie outside 0 to 1 before an eye could miss it. */
const TOLERANCE = 0.03;

const isOutside = (toSrgb: readonly number[], [r, g, b]: readonly [number, number, number]): boolean =>
  [0, 3, 6].some((row) => {
    const value = (toSrgb[row] ?? 0) * r + (toSrgb[row + 1] ?? 0) * g + (toSrgb[row + 2] ?? 0) * b;
    return value < -TOLERANCE || value > 1 + TOLERANCE;
  });

/** True when the profile can name colours that sRGB cannot. */
export const isWide = ({ toSrgb }: RgbProfile): boolean =>
  [[1, 0, 0] as const, [0, 1, 0] as const, [0, 0, 1] as const].some((primary) => isOutside(toSrgb, primary));

/** Differences from sRGB that rounding in profiles makes, and no eye sees. */
const SAME = 0.01;
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const SHADES = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95];

/** True when a value of the profile is the same value of sRGB: nothing has to be converted. */
export const isSrgb = ({ toSrgb, linear }: RgbProfile): boolean =>
  toSrgb.every((value, at) => Math.abs(value - (IDENTITY[at] ?? 0)) < SAME) &&
  SHADES.every((shade) => Math.abs(linear(shade) - srgbCurve(shade)) < SAME);

/** The share of pixels beyond sRGB from which a picture loses by the conversion: a flower, a neon sign; less is noise in dark corners. */
const SHARE = 0.002;

/**
 * True when colours of these pixels (at least three channels, in the profile's own numbers) lie beyond sRGB, so that converting them
 * would dull the picture.
 */
export const reachesBeyondSrgb = ({ toSrgb, linear }: RgbProfile, { data, channels }: Raster): boolean => {
  const table = Float64Array.from({ length: 256 }, (_, byte) => linear(byte / 255));
  const light = (at: number): number => table[data[at] ?? 0] ?? 0;
  let outside = 0;
  for (let at = 0; at + 2 < data.length; at += channels)
    if (isOutside(toSrgb, [light(at), light(at + 1), light(at + 2)])) outside++;
  return outside > (SHARE * data.length) / channels;
};
