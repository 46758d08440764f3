import type { Focus } from '@darkroom/types/image';
import { lumaPlane, type Preview } from './pixels.ts';

/** What draws the eye, each 0 to 1 before its weight (smartcrop.js has the same three): edges and strong colour, more so among skin, which alone may be a wall. */
const WEIGHTS = { edge: 1, colour: 0.3, skin: 0.9 };
/** Less of an edge (of 255) is noise; more than this is as strong as an edge gets. */
const EDGE_NOISE = 6;
const EDGE_FULL = 60;
/** Colour of skin by its share of red, green and blue, of light to dark skin alike, and how far from it is not skin (smartcrop.js). */
const SKIN = [0.78, 0.57, 0.44] as const;
const SKIN_RADIUS = 0.2;
/** Too dark or too light to tell a colour, luma of 255. */
const COLOUR_RANGE = [40, 240] as const;
/** By how much of 1 a colour must be more saturated than the picture is on the whole to stand out. */
const MORE_SATURATED = 0.2;
/** Side of the window that should hold the subject, of the shorter side: smaller ones sit on the busiest corner of a subject (README, "Focal point"). */
const WINDOW = 0.65;
/** Weight of a window that touches the border, of one in the middle: photographers put what matters inside. */
const BORDER = 0.4;
/** Steps of the window over the picture, each way. */
const STEPS = 16;
/** How much more the best window must draw the eye than the whole picture does to be believed; below it the point leans to the centre. */
const SURE = 0.03;

const skinOf = (r: number, g: number, b: number): number => {
  const length = Math.sqrt(r * r + g * g + b * b);
  if (length === 0) return 0;
  const away = Math.hypot(r / length - SKIN[0], g / length - SKIN[1], b / length - SKIN[2]);
  return Math.max(0, 1 - away / SKIN_RADIUS);
};

const saturationOf = (r: number, g: number, b: number): number => {
  const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)];
  return max === 0 ? 0 : (max - min) / max;
};

const meanSaturation = ({ data }: Preview): number => {
  let sum = 0;
  for (let at = 0; at + 3 < data.length; at += 4)
    sum += saturationOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
  return (4 * sum) / data.length;
};

/** Strength of the edge at a pixel: the difference to the mean of its neighbours, 0 to 1. */
const edgeOf = (plane: Float32Array, { width, height }: Preview, index: number): number => {
  const [x, y] = [index % width, Math.floor(index / width)];
  if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return 0;
  const at = (offset: number) => plane[index + offset] ?? 0;
  const strength = Math.abs(4 * at(0) - at(-1) - at(1) - at(-width) - at(width)) / 4;
  return Math.min(1, Math.max(0, strength - EDGE_NOISE) / (EDGE_FULL - EDGE_NOISE));
};

interface Maps {
  /** Edges and strong colours. */
  readonly detail: Float32Array;
  readonly skin: Float32Array;
}

/** What draws the eye, pixel by pixel. What is transparent does not. */
const mapsOf = (preview: Preview): Maps => {
  const { data } = preview;
  const plane = lumaPlane(preview);
  const usual = meanSaturation(preview) + MORE_SATURATED;
  const [detail, skin] = [new Float32Array(plane.length), new Float32Array(plane.length)];
  for (let index = 0; index < plane.length; index += 1) {
    const r = data[4 * index] ?? 0;
    const g = data[4 * index + 1] ?? 0;
    const b = data[4 * index + 2] ?? 0;
    const luma = plane[index] ?? 0;
    const opacity = (data[4 * index + 3] ?? 0) / 255;
    const colourful = luma >= COLOUR_RANGE[0] && luma <= COLOUR_RANGE[1] ? opacity : 0;
    const colour = Math.max(0, saturationOf(r, g, b) - usual);
    detail[index] = opacity * WEIGHTS.edge * edgeOf(plane, preview, index) + colourful * WEIGHTS.colour * colour;
    skin[index] = colourful * skinOf(r, g, b);
  }
  return { detail, skin };
};

/** Sums over all pixels above and to the left, with a row and a column of zeros before them. */
const integralOf = (map: Float32Array, { width, height }: Preview): Float64Array => {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += map[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  return sums;
};

interface Window {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

const meanIn = (sums: Float64Array, width: number, { left, top, side }: Window): number => {
  const at = (x: number, y: number) => sums[y * (width + 1) + x] ?? 0;
  const [right, bottom] = [left + side, top + side];
  return (at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)) / (side * side);
};

/** All windows, in an even grid from edge to edge. */
const windowsOf = ({ width, height }: Preview): Window[] => {
  const side = Math.max(1, Math.round(WINDOW * Math.min(width, height)));
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  const starts = (length: number) => [...new Set(steps.map((step) => Math.round(step * (length - side))))];
  return starts(height).flatMap((top) => starts(width).map((left) => ({ left, top, side })));
};

/** 1 in the middle of the picture, BORDER at the middle of an edge and beyond. */
const centredness = ({ left, top, side }: Window, { width, height }: Preview): number => {
  const [x, y] = [(2 * left + side) / width - 1, (2 * top + side) / height - 1];
  return 1 - (1 - BORDER) * Math.min(1, Math.hypot(x, y));
};

/** Middle of what draws the eye within a window, in pixels. */
const centroid = (map: Float32Array, width: number, { left, top, side }: Window): readonly [x: number, y: number] => {
  let [all, sumX, sumY] = [0, 0, 0];
  for (let y = top; y < top + side; y += 1)
    for (let x = left; x < left + side; x += 1) {
      const value = map[y * width + x] ?? 0;
      all += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  return all === 0 ? [left + side / 2, top + side / 2] : [sumX / all, sumY / all];
};

const share = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;

/**
 * The point that a crop should keep: the middle of the window that draws the eye most, windows in the middle preferred.
 * Where no window stands out (a flat, or evenly busy, picture) it is the centre. No model: it does not know what a face is.
 */
export const focusOf = (preview: Preview): Focus => {
  const { width, height } = preview;
  const { detail, skin } = mapsOf(preview);
  const [details, skins] = [integralOf(detail, preview), integralOf(skin, preview)];
  const scored = windowsOf(preview).map((window) => {
    const mean = meanIn(details, width, window);
    const skinned = 1 + WEIGHTS.skin * meanIn(skins, width, window);
    return { window, mean, score: mean * skinned * centredness(window, preview) };
  });
  const best = scored.reduce((one, other) => (other.score > one.score ? other : one));
  const overall = (details.at(-1) ?? 0) / detail.length;
  const sure = Math.min(1, Math.max(0, best.mean - overall) / SURE);
  const [x, y] = centroid(detail, width, best.window);
  return { x: share(0.5 + sure * (x / width - 0.5)), y: share(0.5 + sure * (y / height - 0.5)) };
};
