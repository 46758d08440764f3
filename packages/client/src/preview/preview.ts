import { decode, pixels } from './canvas.ts';
import { thumbHashToAverageRGBA, thumbHashToDataURL } from './thumbhash-decode.ts';
import { rgbaToThumbHash } from './thumbhash-encode.ts';

export interface Preview {
  /** ThumbHash, base64: the form in which the catalogue keeps it. */
  readonly thumbhash: string;
  /** The placeholder as a `data:image/png` address of at most 32 × 32 pixels. */
  readonly dataUrl: string;
  /** Mean colour, `#rrggbb`. */
  readonly colour: string;
  /** Width divided by height, upright. */
  readonly aspectRatio: number;
}

/** Side of the decoded picture, in pixels: what ThumbHash takes at most. */
const SIDE = 100;

const hex = (value: number): string =>
  Math.round(255 * value)
    .toString(16)
    .padStart(2, '0');

/**
 * A placeholder for a picture file, upright, made in the browser before a byte is sent. Null where it cannot be: in Node, or when the
 * browser does not decode the file (HEIC in most). Never throws.
 */
export const previewOf = async (blob: Blob): Promise<Preview | null> => {
  // Only the width is given, so that the browser keeps the shape; what is still too tall is shrunk by the canvas.
  const bitmap = await decode(blob, { width: SIDE });
  if (bitmap === null) return null;
  try {
    const scale = Math.min(1, SIDE / bitmap.height);
    const size = { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.min(SIDE, bitmap.height) };
    const rgba = pixels(bitmap, size);
    if (rgba === null) return null;
    const hash = rgbaToThumbHash(size.width, size.height, rgba);
    const { r, g, b } = thumbHashToAverageRGBA(hash);
    return {
      thumbhash: btoa(String.fromCharCode(...hash)),
      dataUrl: thumbHashToDataURL(hash),
      colour: `#${hex(r)}${hex(g)}${hex(b)}`,
      aspectRatio: bitmap.width / bitmap.height,
    };
  } finally {
    bitmap.close();
  }
};
