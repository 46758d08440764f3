/** x and y (CIE 1931) of red, green, blue and white. */
export interface Primaries {
  readonly red: readonly [number, number];
  readonly green: readonly [number, number];
  readonly blue: readonly [number, number];
  readonly white: readonly [number, number];
}

/** A tone curve: a plain gamma, or sRGB's. */
export type ToneCurve = number | 'srgb';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const times = (matrix: Matrix, [x, y, z]: Triple): Triple => {
  const row = ([a, b, c]: Triple): number => a * x + b * y + c * z;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
};

const inverse = ([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix => {
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
  ];
};

/** Cone responses of Bradford (ICC.1:2022, annex E.3), and white of the space that profiles meet in (7.2.16). */
const CONES: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
const D50: Triple = [0.9642, 1, 0.8249];

const xyz = ([x, y]: readonly [number, number]): Triple => [x / y, 1, (1 - x - y) / y];

/** XYZ under D50 of red, green and blue at full light; together they are white. */
const colorantsOf = ({ red, green, blue, white }: Primaries): readonly Triple[] => {
  const [r, g, b] = [xyz(red), xyz(green), xyz(blue)];
  const shares = times(
    inverse([
      [r[0], g[0], b[0]],
      [r[1], g[1], b[1]],
      [r[2], g[2], b[2]],
    ]),
    xyz(white),
  );
  const [from, to] = [times(CONES, xyz(white)), times(CONES, D50)];
  return [r, g, b].map((primary, index) => {
    const cones = times(CONES, primary);
    const share = shares[index] ?? 0;
    return times(inverse(CONES), [
      (share * cones[0] * to[0]) / from[0],
      (share * cones[1] * to[1]) / from[1],
      (share * cones[2] * to[2]) / from[2],
    ]);
  });
};

/** Numbers as s15Fixed16Number (4.6), cut to what that holds. */
const fixed = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries())
    bytes.writeInt32BE(
      Math.round(Math.max(-32_768, Math.min(32_767, Number.isFinite(value) ? value : 0)) * 65_536),
      4 * index,
    );
  return bytes;
};

const tag = (type: string, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), ...parts]);

/** `para` (10.18) of type 3 for sRGB (IEC 61966-2-1), of type 0 for a plain gamma. */
const curve = (tone: ToneCurve): Buffer =>
  tone === 'srgb'
    ? tag('para', Buffer.from([0, 3, 0, 0]), fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    : tag('para', Buffer.from([0, 0, 0, 0]), fixed(tone));

/** A text of one Latin letter in one language (`mluc`, 10.15): profiles must have a name and a right. */
const letter = (value: string): Buffer =>
  tag(
    'mluc',
    Buffer.from([
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      12,
      0x65,
      0x6e,
      0x55,
      0x53,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      28,
      0,
      value.charCodeAt(0),
      0,
      0,
    ]),
  );

/** Header and table of tags (7.2, 7.3), version 4, for a screen. All tags here are of a multiple of four bytes. */
const assemble = (space: 'RGB ' | 'GRAY', tags: ReadonlyMap<string, Buffer>): Buffer => {
  const start = 132 + 12 * tags.size;
  const head = Buffer.alloc(start);
  let at = start;
  for (const [index, [name, data]] of [...tags].entries()) {
    const entry = 132 + 12 * index;
    head.write(name, entry, 'latin1');
    head.writeUInt32BE(at, entry + 4);
    head.writeUInt32BE(data.length, entry + 8);
    at += data.length;
  }
  head.writeUInt32BE(at);
  head.writeUInt32BE(0x04_30_00_00, 8);
  head.write(`mntr${space}XYZ `, 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  fixed(...D50).copy(head, 68);
  head.writeUInt32BE(tags.size, 128);
  return Buffer.concat([head, ...tags.values()]);
};

const common = (): [string, Buffer][] => [
  ['desc', letter('C')],
  ['cprt', letter('-')],
  ['wtpt', tag('XYZ ', fixed(...D50))],
];

/** The ICC profile of these primaries and this curve. Primaries that span no space give one that converts nothing sensible, and never throw. */
export const matrixProfile = (primaries: Primaries, tone: ToneCurve): Buffer => {
  const colorants = colorantsOf(primaries).map((colour) => tag('XYZ ', fixed(...colour)));
  const named = ['rXYZ', 'gXYZ', 'bXYZ'].map((name, index): [string, Buffer] => [
    name,
    colorants[index] ?? Buffer.alloc(0),
  ]);
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((name): [string, Buffer] => [name, curve(tone)]);
  return assemble('RGB ', new Map([...common(), ...named, ...curves]));
};

/** The ICC profile of a grey scale with this curve. */
export const greyProfile = (tone: ToneCurve): Buffer => assemble('GRAY', new Map([...common(), ['kTRC', curve(tone)]]));
