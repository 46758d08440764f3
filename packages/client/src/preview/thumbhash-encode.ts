// Copied from https://github.com/evanw/thumbhash, MIT, Copyright (c) 2023 Evan Wallace: the licence is in thumbhash.ts.

/** Larger pictures take longer and give the same hash, says the author. */
const MAX_SIDE = 100;

interface Channel {
  /** The constant term. */
  readonly dc: number;
  /** Varying terms, from 0 to 1 around 0.5. */
  readonly ac: readonly number[];
  readonly scale: number;
}

interface Planes {
  readonly width: number;
  readonly height: number;
  /** Luminance, yellow - blue, red - green, alpha. */
  readonly l: Float64Array;
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly a: Float64Array;
  readonly hasAlpha: boolean;
}

const { PI, abs, cos, max, round } = Math;

/** Mean colour weighted by alpha, from 0 to 1, and the sum of alphas. */
const average = (pixels: number, rgba: ArrayLike<number>): { r: number; g: number; b: number; a: number } => {
  const sum = { r: 0, g: 0, b: 0, a: 0 };
  for (let i = 0, j = 0; i < pixels; i++, j += 4) {
    const alpha = (rgba[j + 3] ?? 0) / 255;
    sum.r += (alpha / 255) * (rgba[j] ?? 0);
    sum.g += (alpha / 255) * (rgba[j + 1] ?? 0);
    sum.b += (alpha / 255) * (rgba[j + 2] ?? 0);
    sum.a += alpha;
  }
  return sum.a === 0 ? sum : { r: sum.r / sum.a, g: sum.g / sum.a, b: sum.b / sum.a, a: sum.a };
};

/** RGBA as LPQA, composed over the mean colour. */
const toPlanes = (width: number, height: number, rgba: ArrayLike<number>): Planes => {
  const pixels = width * height;
  const mean = average(pixels, rgba);
  const [l, p, q, a] = Array.from({ length: 4 }, () => new Float64Array(pixels)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0, j = 0; i < pixels; i++, j += 4) {
    const alpha = (rgba[j + 3] ?? 0) / 255;
    const r = mean.r * (1 - alpha) + (alpha / 255) * (rgba[j] ?? 0);
    const g = mean.g * (1 - alpha) + (alpha / 255) * (rgba[j + 1] ?? 0);
    const b = mean.b * (1 - alpha) + (alpha / 255) * (rgba[j + 2] ?? 0);
    l[i] = (r + g + b) / 3;
    p[i] = (r + g) / 2 - b;
    q[i] = r - g;
    a[i] = alpha;
  }
  return { width, height, l, p, q, a, hasAlpha: mean.a < pixels };
};

/** One coefficient of the cosine transform. */
const coefficient = ({ width, height }: Planes, plane: Float64Array, [cx, cy]: readonly [number, number]): number => {
  const fx = Float64Array.from({ length: width }, (_, x) => cos((PI / width) * cx * (x + 0.5)));
  let sum = 0;
  for (let y = 0; y < height; y++) {
    const fy = cos((PI / height) * cy * (y + 0.5));
    for (let x = 0; x < width; x++) sum += (plane[x + y * width] ?? 0) * (fx[x] ?? 0) * fy;
  }
  return sum / (width * height);
};

const encodeChannel = (planes: Planes, plane: Float64Array, [nx, ny]: readonly [number, number]): Channel => {
  const ac: number[] = [];
  let dc = 0;
  let scale = 0;
  for (let cy = 0; cy < ny; cy++) {
    for (let cx = 0; cx * ny < nx * (ny - cy); cx++) {
      const f = coefficient(planes, plane, [cx, cy]);
      if (cx === 0 && cy === 0) {
        dc = f;
        continue;
      }
      ac.push(f);
      scale = max(scale, abs(f));
    }
  }
  return { dc, ac: scale === 0 ? ac : ac.map((f) => 0.5 + (0.5 / scale) * f), scale };
};

/** Four bits a term, the first in the low half of a byte. */
const pack = (channels: readonly Channel[]): number[] => {
  const nibbles = channels.flatMap(({ ac }) => ac.map((f) => round(15 * f)));
  const bytes: number[] = [];
  for (let i = 0; i < nibbles.length; i += 2) bytes.push((nibbles[i] ?? 0) | ((nibbles[i + 1] ?? 0) << 4));
  return bytes;
};

const bit = (value: boolean): number => (value ? 1 : 0);

/**
 * The ThumbHash of a picture: 5 to 25 bytes. `rgba` holds width × height × 4 values from 0 to 255, row by row, colours not multiplied by
 * alpha. Throws a RangeError when a side is not from 1 to 100 pixels or there are too few values.
 */
export const rgbaToThumbHash = (width: number, height: number, rgba: ArrayLike<number>): Uint8Array<ArrayBuffer> => {
  if (!(width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE))
    throw new RangeError(`expected sides from 1 to ${MAX_SIDE} pixels but received ${width} x ${height}`);
  if (rgba.length < width * height * 4)
    throw new RangeError(`expected ${width * height * 4} values for rgba but received ${rgba.length}`);
  const planes = toPlanes(width, height, rgba);
  const { hasAlpha } = planes;
  // Alpha takes bits from luminance.
  const limit = hasAlpha ? 5 : 7;
  const lx = max(1, round((limit * width) / max(width, height)));
  const ly = max(1, round((limit * height) / max(width, height)));
  const l = encodeChannel(planes, planes.l, [max(3, lx), max(3, ly)]);
  const p = encodeChannel(planes, planes.p, [3, 3]);
  const q = encodeChannel(planes, planes.q, [3, 3]);
  const a = hasAlpha ? [encodeChannel(planes, planes.a, [5, 5])] : [];

  const isLandscape = width > height;
  const header24 =
    round(63 * l.dc) |
    (round(31.5 + 31.5 * p.dc) << 6) |
    (round(31.5 + 31.5 * q.dc) << 12) |
    (round(31 * l.scale) << 18) |
    (bit(hasAlpha) << 23);
  const header16 =
    (isLandscape ? ly : lx) | (round(63 * p.scale) << 3) | (round(63 * q.scale) << 9) | (bit(isLandscape) << 15);
  const header = [header24 & 255, (header24 >> 8) & 255, header24 >> 16, header16 & 255, header16 >> 8];
  const alphaHeader = a.map(({ dc, scale }) => round(15 * dc) | (round(15 * scale) << 4));
  return Uint8Array.from([...header, ...alphaHeader, ...pack([l, p, q, ...a])]);
};
