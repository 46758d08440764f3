import type { Preview } from './pixels.ts';

/** Means over the preview, luma and colour differences in 0 to 255. */
interface Features {
  /** Luma. */
  readonly light: number;
  /** Slope of luma from pixel to pixel. */
  readonly slope: number;
  /** Absolute Laplacian of luma: fine detail. */
  readonly detail: number;
  /** Slope of the colour differences. */
  readonly colour: number;
}

/** Luma (BT.601) and the differences of blue and red from it. */
const planesOf = ({ data, width, height }: Preview) => {
  const [luma, blue, red] = [0, 1, 2].map(() => new Float32Array(width * height)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let pixel = 0; pixel < luma.length; pixel++) {
    const r = data[4 * pixel] ?? 0;
    const b = data[4 * pixel + 2] ?? 0;
    const light = 0.299 * r + 0.587 * (data[4 * pixel + 1] ?? 0) + 0.114 * b;
    luma[pixel] = light;
    blue[pixel] = b - light;
    red[pixel] = r - light;
  }
  return { luma, blue, red };
};

const featuresOf = (preview: Preview): Features => {
  const { width, height } = preview;
  const { luma, blue, red } = planesOf(preview);
  const at = (plane: Float32Array, pixel: number): number => plane[pixel] ?? 0;
  // Not by Math.hypot, which takes five times as long to guard against overflow.
  const slopeAt = (plane: Float32Array, pixel: number): number => {
    const across = at(plane, pixel + 1) - at(plane, pixel - 1);
    const down = at(plane, pixel + width) - at(plane, pixel - width);
    return Math.sqrt(across * across + down * down);
  };
  const sums = { light: 0, slope: 0, detail: 0, colour: 0 };
  for (let y = 1; y < height - 1; y++) {
    for (let pixel = y * width + 1; pixel < (y + 1) * width - 1; pixel++) {
      const beside = at(luma, pixel - 1) + at(luma, pixel + 1) + at(luma, pixel - width) + at(luma, pixel + width);
      sums.light += at(luma, pixel);
      sums.slope += slopeAt(luma, pixel) / 2;
      sums.detail += Math.abs(4 * at(luma, pixel) - beside);
      sums.colour += slopeAt(blue, pixel) + slopeAt(red, pixel);
    }
  }
  const count = Math.max(1, (width - 2) * (height - 2));
  return {
    light: sums.light / count,
    slope: sums.slope / count,
    detail: sums.detail / count,
    colour: sums.colour / count,
  };
};

/** Smallest side, in pixels, of a preview that says anything. */
const SMALLEST = 16;
/** Beyond the photographs that it was fitted to (-2.5 to 1.9) the line is not to be trusted. */
const LIMIT = 2.5;

/**
 * How much finer than the average photograph a picture has to be coded to look as good (SSIMULACRA 2), in units of about five steps of
 * AVIF quality; 0 for what is too small to say. Dark pictures with fine, colourful detail are hard, bright and smooth ones easy. A
 * line through four means of the preview (256 pixels), fitted to about 70 photographs of CLIC 2025, CID22 and phones at 320 to 1280
 * pixels, explains 60 % of the variance of the quality they need (docs/benchmarks.md, `bytes`). 2 ms.
 */
export const difficultyOf = (preview: Preview): number => {
  if (Math.min(preview.width, preview.height) < SMALLEST) return 0;
  const { light, slope, detail, colour } = featuresOf(preview);
  const steps =
    1.9 * (Math.log2(detail + 0.1) - 4.116) +
    2.45 * (Math.log2(colour + 0.5) - 3.685) -
    10.98 * (light / 255 - 0.451) +
    8.61 * (Math.log2((detail + 0.01) / (slope + 0.01)) - 0.936);
  const units = Math.min(LIMIT, Math.max(-LIMIT, steps / 5));
  return Number(units.toFixed(2));
};
