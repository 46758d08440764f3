import { type Preview, visiblePixels } from './pixels.ts';

/** Bits kept of each channel: 16 steps put a sky or a wall into one bin and keep it apart from the next colour. */
const BITS = 4;
const SHIFT = 8 - BITS;

/** What stands for a picture in which nothing can be seen. */
const NOTHING = '#ffffff';

const hex = (value: number): string => Math.round(value).toString(16).padStart(2, '0');

/**
 * The colour that most of the picture has, `#rrggbb`: mean of the fullest bin of a 16 × 16 × 16 histogram, each pixel
 * weighed by its opacity. Counted on the preview: the same over 12 megapixels takes 400 ms.
 */
export const dominantColour = (preview: Preview): string => {
  const bins = new Float64Array(4 << (3 * BITS));
  let fullest = -1;
  for (const [r, g, b, a] of visiblePixels(preview)) {
    const bin = 4 * (((r >> SHIFT) << (2 * BITS)) | ((g >> SHIFT) << BITS) | (b >> SHIFT));
    for (const [offset, value] of [a, r * a, g * a, b * a].entries())
      bins[bin + offset] = (bins[bin + offset] ?? 0) + value;
    if (fullest === -1 || (bins[bin] ?? 0) > (bins[fullest] ?? 0)) fullest = bin;
  }
  if (fullest === -1) return NOTHING;
  const weight = bins[fullest] ?? 1;
  return `#${[1, 2, 3].map((offset) => hex((bins[fullest + offset] ?? 0) / weight)).join('')}`;
};
