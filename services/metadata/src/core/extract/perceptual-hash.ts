import { lumaAt, type Preview } from './pixels.ts';

/** A dHash compares each of 8 × 8 cells with its right neighbour. */
const COLUMNS = 9;
const ROWS = 8;

/** How much brighter the neighbour must be, of 255: below it is the noise of an encoder, which would fill flat areas with chance. */
const MARGIN = 2;

/** Pixels `from` to `to` that a cell covers; at least one, for pictures narrower than the grid. */
const span = (cell: number, cells: number, length: number): readonly [from: number, to: number] => {
  const from = Math.min(Math.floor((cell * length) / cells), length - 1);
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * length) / cells))];
};

const cellMean = ({ data, width, height }: Preview, column: number, row: number): number => {
  const [left, right] = span(column, COLUMNS, width);
  const [top, bottom] = span(row, ROWS, height);
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += lumaAt(data, 4 * (y * width + x));
  return sum / ((right - left) * (bottom - top));
};

/**
 * 64-bit dHash (Krawetz) as 16 hex digits, most significant bit first: bit = the right neighbour is clearly brighter.
 * The same picture in another size or quality differs in a few bits, another picture in about 32.
 */
export const perceptualHash = (preview: Preview): string => {
  let hash = 0n;
  for (let row = 0; row < ROWS; row++) {
    const means = Array.from({ length: COLUMNS }, (_, column) => cellMean(preview, column, row));
    for (let column = 0; column + 1 < COLUMNS; column++)
      hash = (hash << 1n) | ((means[column] ?? 0) + MARGIN < (means[column + 1] ?? 0) ? 1n : 0n);
  }
  return hash.toString(16).padStart(16, '0');
};
