// Copied from https://github.com/evanw/thumbhash, MIT, Copyright (c) 2023 Evan Wallace: the licence is in thumbhash.ts.
import { rgbaToDataURL } from './png.ts';

const { PI, cos, max, min, round } = Math;

/** Longer side of the placeholder, in pixels: the hash holds at most 7 waves a side, so more would be blur. */
const PLACEHOLDER_SIDE = 32;
/** Colour is boosted to make up for what rounding took from it (as the author does). */
const SATURATION = 1.25;

interface Header {
  readonly l: number;
  readonly p: number;
  readonly q: number;
  readonly alpha: number;
  readonly hasAlpha: boolean;
  readonly scales: { readonly l: number; readonly p: number; readonly q: number; readonly a: number };
  readonly lx: number;
  readonly ly: number;
}

const byteOf = (hash: Uint8Array, index: number): number => hash[index] ?? 0;

const readHeader = (hash: Uint8Array): Header => {
  const header24 = byteOf(hash, 0) | (byteOf(hash, 1) << 8) | (byteOf(hash, 2) << 16);
  const header16 = byteOf(hash, 3) | (byteOf(hash, 4) << 8);
  const hasAlpha = header24 >> 23 !== 0;
  const isLandscape = header16 >> 15 !== 0;
  const long = hasAlpha ? 5 : 7;
  return {
    l: (header24 & 63) / 63,
    p: ((header24 >> 6) & 63) / 31.5 - 1,
    q: ((header24 >> 12) & 63) / 31.5 - 1,
    alpha: hasAlpha ? (byteOf(hash, 5) & 15) / 15 : 1,
    hasAlpha,
    scales: {
      l: ((header24 >> 18) & 31) / 31,
      p: ((header16 >> 3) & 63) / 63,
      q: ((header16 >> 9) & 63) / 63,
      a: (byteOf(hash, 5) >> 4) / 15,
    },
    lx: isLandscape ? long : header16 & 7,
    ly: isLandscape ? header16 & 7 : long,
  };
};

/** A wave of the picture: how many half periods across and down, and how strong. */
interface Wave {
  readonly cx: number;
  readonly cy: number;
  readonly strength: number;
}

const toRgb = (l: number, p: number, q: number): [number, number, number] => {
  const b = l - (2 / 3) * p;
  const r = (3 * l - b + q) / 2;
  return [r, r - q, b];
};

const unit = (value: number): number => max(0, min(1, value));

const wavesOf = (hash: Uint8Array, header: Header): { l: Wave[]; p: Wave[]; q: Wave[]; a: Wave[] } => {
  let nibble = (header.hasAlpha ? 6 : 5) * 2;
  const next = (): number => {
    const value = (byteOf(hash, nibble >> 1) >> ((nibble & 1) << 2)) & 15;
    nibble++;
    return value / 7.5 - 1;
  };
  const read = (nx: number, ny: number, scale: number): Wave[] => {
    const waves: Wave[] = [];
    for (let cy = 0; cy < ny; cy++)
      for (let cx = cy === 0 ? 1 : 0; cx * ny < nx * (ny - cy); cx++) waves.push({ cx, cy, strength: next() * scale });
    return waves;
  };
  const { scales } = header;
  // The order is that of the bytes.
  const l = read(max(3, header.lx), max(3, header.ly), scales.l);
  const p = read(3, 3, scales.p * SATURATION);
  const q = read(3, 3, scales.q * SATURATION);
  return { l, p, q, a: header.hasAlpha ? read(5, 5, scales.a) : [] };
};

/** A placeholder of at most 32 × 32 pixels: width, height and RGBA rows, colours not multiplied by alpha. */
export const thumbHashToRGBA = (hash: Uint8Array): { w: number; h: number; rgba: Uint8Array<ArrayBuffer> } => {
  const header = readHeader(hash);
  const waves = wavesOf(hash, header);
  const ratio = thumbHashToApproximateAspectRatio(hash);
  const w = round(ratio > 1 ? PLACEHOLDER_SIDE : PLACEHOLDER_SIDE * ratio);
  const h = round(ratio > 1 ? PLACEHOLDER_SIDE / ratio : PLACEHOLDER_SIDE);
  const rgba = new Uint8Array(w * h * 4);
  const sum = (base: number, of: readonly Wave[], [x, y]: readonly [number, number]): number =>
    of.reduce(
      (total, { cx, cy, strength }) =>
        total + strength * cos((PI / w) * (x + 0.5) * cx) * (cos((PI / h) * (y + 0.5) * cy) * 2),
      base,
    );
  for (let i = 0; i < w * h; i++) {
    const at = [i % w, Math.floor(i / w)] as const;
    const colour = toRgb(sum(header.l, waves.l, at), sum(header.p, waves.p, at), sum(header.q, waves.q, at));
    rgba.set(
      [...colour, sum(header.alpha, waves.a, at)].map((value) => max(0, 255 * min(1, value))),
      i * 4,
    );
  }
  return { w, h, rgba };
};

/** The mean colour: each value from 0 to 1, not multiplied by alpha. */
export const thumbHashToAverageRGBA = (hash: Uint8Array): { r: number; g: number; b: number; a: number } => {
  const header = readHeader(hash);
  const [r, g, b] = toRgb(header.l, header.p, header.q);
  return { r: unit(r), g: unit(g), b: unit(b), a: header.alpha };
};

/** Width divided by height, about. */
export const thumbHashToApproximateAspectRatio = (hash: Uint8Array): number => {
  const { lx, ly } = readHeader(hash);
  return lx / ly;
};

/** The placeholder as a `data:image/png` address. */
export const thumbHashToDataURL = (hash: Uint8Array): string => {
  const { w, h, rgba } = thumbHashToRGBA(hash);
  return rgbaToDataURL(w, h, rgba);
};
