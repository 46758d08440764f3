/** x and y of the red, green and blue primaries, and of white. */
export interface Primaries {
  readonly red: readonly [number, number];
  readonly green: readonly [number, number];
  readonly blue: readonly [number, number];
  readonly white: readonly [number, number];
}

const D65 = [0.3127, 0.329] as const;
const D50 = [0.3457, 0.3585] as const;

/** The spaces that cameras, phones and editors write, by their standards' own numbers. */
export const spaces = {
  srgb: { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 },
  displayP3: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 },
  adobeRgb: { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: D65 },
  proPhoto: { red: [0.734699, 0.265301], green: [0.159597, 0.840403], blue: [0.036598, 0.000105], white: D50 },
  bt2020: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 },
  /** sRGB whose channels stand in another order: whoever does not read the profile shows green for red. */
  swapped: { red: [0.3, 0.6], green: [0.15, 0.06], blue: [0.64, 0.33], white: D65 },
} satisfies Readonly<Record<string, Primaries>>;

type Matrix = readonly (readonly [number, number, number])[];
type Vector = readonly [number, number, number];

const times = (matrix: Matrix, [x, y, z]: Vector): Vector => {
  const [a = 0, b = 0, c = 0] = matrix.map(([p, q, r]) => p * x + q * y + r * z);
  return [a, b, c];
};

const inverse = ([[a, b, c], [d, e, f], [g, h, i]]: readonly [Vector, Vector, Vector]): Matrix => {
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const adjugate: Matrix = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return adjugate.map(([p, q, r]) => [p / det, q / det, r / det] as const);
};

const xyz = ([x, y]: readonly [number, number]): Vector => [x / y, 1, (1 - x - y) / y];

/** Bradford's cone responses (ICC.1:2022, annex E.3). */
const BRADFORD = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
] as const;
/** White of the space that profiles meet in (ICC.1:2022, 7.2.16). */
const PCS_WHITE: Vector = [0.9642, 1, 0.8249];

const toPcs = (white: Vector, colour: Vector): Vector => {
  const [from, to, cones] = [times(BRADFORD, white), times(BRADFORD, PCS_WHITE), times(BRADFORD, colour)];
  return times(inverse(BRADFORD), [
    (cones[0] * to[0]) / from[0],
    (cones[1] * to[1]) / from[1],
    (cones[2] * to[2]) / from[2],
  ]);
};

/** XYZ under D50 of the three primaries at full light: the columns of the matrix below. */
const colorants = ({ red, green, blue, white }: Primaries): readonly Vector[] => {
  const [r, g, b] = [xyz(red), xyz(green), xyz(blue)];
  const scale = times(
    inverse([
      [r[0], g[0], b[0]],
      [r[1], g[1], b[1]],
      [r[2], g[2], b[2]],
    ]),
    xyz(white),
  );
  return [r, g, b].map((primary, index) =>
    toPcs(xyz(white), primary.map((value) => value * (scale[index] ?? 0)) as unknown as Vector),
  );
};

/** From linear light in these primaries to XYZ under D50, row by row. */
export const toXyzOf = (primaries: Primaries): readonly Vector[] => {
  const [red = [0, 0, 0], green = [0, 0, 0], blue = [0, 0, 0]] = colorants(primaries);
  return [
    [red[0], green[0], blue[0]],
    [red[1], green[1], blue[1]],
    [red[2], green[2], blue[2]],
  ];
};

const fixed = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 4 * index);
  return bytes;
};
const u16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
};
const typed = (type: string, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(type, 'latin1'), Buffer.alloc(4), ...parts]);

const colour = (values: Vector): Buffer => typed('XYZ ', fixed(...values));

/** A tone curve: a plain gamma, or gamma, slope, offset, slope and end of the straight part (`para` type 3, as sRGB has it). */
export type Curve = number | readonly [gamma: number, a: number, b: number, c: number, d: number];
export const srgbCurve: Curve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
/** ROMM RGB (ISO 22028-2): a gamma of 1.8 above a straight line. */
export const proPhotoCurve: Curve = [1.8, 1, 0, 1 / 16, 1 / 32];

const curveTag = (curve: Curve): Buffer =>
  typeof curve === 'number' ? typed('para', u16(0, 0), fixed(curve)) : typed('para', u16(3, 0), fixed(...curve));

const text = (value: string): Buffer =>
  typed(
    'mluc',
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 12]),
    Buffer.from('enUS'),
    Buffer.from([0, 0, 0, 2 * value.length, 0, 0, 0, 28]),
    Buffer.from(value, 'utf16le').swap16(),
  );

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);

/** A profile of version 4 (ICC.1:2022): header, table of tags, tags. */
const profile = (
  kind: { device: string; space: string; pcs: string },
  tags: Readonly<Record<string, Buffer>>,
): Buffer => {
  const all = { desc: text('Golden'), cprt: text('None'), wtpt: colour(PCS_WHITE), ...tags };
  const names = Object.keys(all);
  const start = 128 + 4 + 12 * names.length;
  const table = Buffer.alloc(4 + 12 * names.length);
  table.writeUInt32BE(names.length);
  const bodies: Buffer[] = [];
  let at = start;
  for (const [index, data] of Object.values(all).entries()) {
    table.write(names[index] ?? '', 4 + 12 * index, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * index);
    table.writeUInt32BE(data.length, 12 + 12 * index);
    bodies.push(padded(data));
    at += padded(data).length;
  }
  const head = Buffer.alloc(128);
  head.writeUInt32BE(at);
  head.writeUInt32BE(0x04_30_00_00, 8);
  head.write(kind.device + kind.space + kind.pcs, 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  fixed(...PCS_WHITE).copy(head, 68);
  return Buffer.concat([head, table, ...bodies]);
};

/** The ICC profile of a screen or camera with these primaries and this curve, written from the standard's numbers. */
export const rgbProfile = (primaries: Primaries, curve: Curve): Buffer => {
  const [red, green, blue] = colorants(primaries).map(colour);
  const tone = curveTag(curve);
  const none = Buffer.alloc(0);
  return profile(
    { device: 'mntr', space: 'RGB ', pcs: 'XYZ ' },
    { rXYZ: red ?? none, gXYZ: green ?? none, bXYZ: blue ?? none, rTRC: tone, gTRC: tone, bTRC: tone },
  );
};

/** The ICC profile of a grey scale with this curve. */
export const greyProfile = (curve: Curve): Buffer =>
  profile({ device: 'mntr', space: 'GRAY', pcs: 'XYZ ' }, { kTRC: curveTag(curve) });

const CORNERS = 3;

/** Lab of a print, by its ink from 0 to 1: paper less what each ink takes away. Inks that no press has, so that no built-in profile does for it. */
export const printed = ([c, m, y, k]: readonly [number, number, number, number]): Vector => [
  (96 - 35 * c - 45 * m - 8 * y) * (1 - 0.92 * k),
  (-30 * c + 65 * m - 4 * y) * (1 - k) + 2,
  (-40 * c - 5 * m + 80 * y) * (1 - k) + 4,
];

/** The ICC profile of that press: a table (`mft1`, 10.11) of three steps an ink, between which decoders interpolate. */
export const cmykProfile = (): Buffer => {
  const steps = Array.from({ length: CORNERS ** 4 }, (_, index) =>
    [27, 9, 3, 1].map((power) => (Math.floor(index / power) % CORNERS) / (CORNERS - 1)),
  );
  const table = steps.flatMap(([c = 0, m = 0, y = 0, k = 0]) => {
    const [lightness, a, b] = printed([c, m, y, k]);
    return [(lightness * 255) / 100, a + 128, b + 128].map((value) => Math.round(Math.min(255, Math.max(0, value))));
  });
  const straight = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const identity = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const lut = typed(
    'mft1',
    Buffer.from([4, 3, CORNERS, 0]),
    identity,
    straight,
    straight,
    straight,
    straight,
    Buffer.from(table),
    straight,
    straight,
    straight,
  );
  return profile({ device: 'prtr', space: 'CMYK', pcs: 'Lab ' }, { A2B0: lut, A2B1: lut, A2B2: lut });
};
