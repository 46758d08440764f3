import { lumaPlane, type Preview } from './pixels.ts';

/** Means of luma over a preview, 0 to 255. */
interface Features {
  readonly light: number;
  /** Slope from pixel to pixel. */
  readonly slope: number;
  /** Absolute Laplacian: fine detail. */
  readonly detail: number;
}

const featuresOf = (preview: Preview): Features => {
  const { width, height } = preview;
  const luma = lumaPlane(preview);
  const at = (pixel: number): number => luma[pixel] ?? 0;
  // Not by Math.hypot, which takes five times as long to guard against overflow.
  const slopeAt = (pixel: number): number => {
    const across = at(pixel + 1) - at(pixel - 1);
    const down = at(pixel + width) - at(pixel - width);
    return Math.sqrt(across * across + down * down) / 2;
  };
  const sums = { light: 0, slope: 0, detail: 0 };
  for (let y = 1; y < height - 1; y++) {
    for (let pixel = y * width + 1; pixel < (y + 1) * width - 1; pixel++) {
      sums.light += at(pixel);
      sums.slope += slopeAt(pixel);
      sums.detail += Math.abs(4 * at(pixel) - at(pixel - 1) - at(pixel + 1) - at(pixel - width) - at(pixel + width));
    }
  }
  const count = Math.max(1, (width - 2) * (height - 2));
  return { light: sums.light / count, slope: sums.slope / count, detail: sums.detail / count };
};

/** Smallest side, in pixels, of a preview that says anything. */
const SMALLEST = 16;
/** Beyond the photographs that it was fitted to (-2.8 to 2.2) the line is not to be trusted. */
const LIMIT = 2.5;

/**
 * How much finer than the average photograph a picture has to be coded to look as good (SSIMULACRA 2), in units of about five steps of
 * AVIF quality; 0 for what is too small to say. What takes many bits as a JPEG of one quality, has fine detail rather than edges, and is
 * dark, is hard. `glanceBits` are the bits a pixel of the glance (`travelling.ts`), which is made anyway; the rest comes from the preview of
 * 256 pixels. A line through the three, fitted to 188 photographs of CLIC 2025, CID22 and cameras at 320 to 1280 pixels, explains two
 * thirds of the variance of the quality they need (docs/benchmarks.md, `bytes`). 1 ms.
 */
export const difficultyOf = (preview: Preview, glanceBits: number): number => {
  if (Math.min(preview.width, preview.height) < SMALLEST) return 0;
  const { light, slope, detail } = featuresOf(preview);
  const steps =
    5.23 * (Math.log2(glanceBits) - 1.481) +
    12.82 * (Math.log2((detail + 0.01) / (slope + 0.01)) - 0.927) -
    9.92 * ((light / 255) ** 2 - 0.204);
  const units = Math.min(LIMIT, Math.max(-LIMIT, steps / 5));
  return Number(units.toFixed(2));
};
