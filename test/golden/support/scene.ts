/** Red, green and blue of 0 to 1. */
export type Rgb = readonly [number, number, number];

export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** Not square, and wider than the thumbnails, so that they are made smaller. */
export const SIDES: Sides = { width: 352, height: 264 };

type Patch = readonly [left: number, top: number, right: number, bottom: number, colour: Rgb];

/** No turn and no mirror image of these is like them. */
const PATCHES: readonly Patch[] = [
  [0.05, 0.05, 0.4, 0.33, [0.92, 0.1, 0.12]],
  [0.5, 0.1, 0.74, 0.52, [0.1, 0.88, 0.15]],
  [0.08, 0.46, 0.24, 0.94, [0.12, 0.14, 0.9]],
  [0.58, 0.66, 0.95, 0.9, [0.95, 0.85, 0.1]],
  [0.8, 0.05, 0.95, 0.3, [0.06, 0.07, 0.09]],
  [0.32, 0.6, 0.48, 0.84, [0.94, 0.95, 0.93]],
];

/** What the scene shows at a place from 0 to 1; `vividness` of 0 is grey. */
export const colourAt = (x: number, y: number, vividness = 1): Rgb => {
  const patch = PATCHES.find(([left, top, right, bottom]) => x >= left && x < right && y >= top && y < bottom);
  const [r, g, b] = patch?.[4] ?? [0.25 + 0.45 * x, 0.55 - 0.2 * x + 0.15 * y, 0.65 - 0.35 * y];
  const grey = 0.3 * r + 0.59 * g + 0.11 * b;
  return [grey + vividness * (r - grey), grey + vividness * (g - grey), grey + vividness * (b - grey)];
};

/** Samples of a picture, row by row: `at` answers those of one pixel, from 0 to 1. */
export const samples = (
  { width, height }: Sides,
  at: (x: number, y: number) => readonly number[],
  most: 255 | 65_535 = 255,
): Uint16Array => {
  const channels = at(0, 0).length;
  const out = new Float64Array(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const value of at((x + 0.5) / width, (y + 0.5) / height)) out[to++] = value * most + 0.5;
  return Uint16Array.from(out);
};

/** The place in the upright picture that a stored one shows at a place, by its EXIF orientation (EXIF 2.32, tag 274). */
const upright: Readonly<Record<number, (x: number, y: number) => readonly [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y) => [1 - x, y],
  3: (x, y) => [1 - x, 1 - y],
  4: (x, y) => [x, 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [1 - y, x],
  7: (x, y) => [1 - y, 1 - x],
  8: (x, y) => [y, 1 - x],
};

/** The scene as a camera stores it that was held in this orientation, eight bits a channel. */
export const lyingScene = (orientation: number): Sides & { data: Uint8Array } => {
  const sides = orientation < 5 ? SIDES : { width: SIDES.height, height: SIDES.width };
  const place = upright[orientation] ?? ((x, y) => [x, y]);
  return { ...sides, data: Uint8Array.from(samples(sides, (x, y) => colourAt(...place(x, y)))) };
};

/** Nothing at the left edge, everything at the right one. */
export const fading = (x: number): number => {
  if (x < 1 / 7) return 0;
  return x > 6 / 7 ? 1 : 1.4 * x - 0.2;
};

/** Ink of 0 to 1 for a colour, as a naive press takes it. */
export const inkOf = ([r, g, b]: Rgb): readonly [number, number, number, number] => {
  const black = 0.8 * (1 - Math.max(r, g, b));
  return [(1 - r - black) / (1 - black), (1 - g - black) / (1 - black), (1 - b - black) / (1 - black), black];
};
