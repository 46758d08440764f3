import { type Bitmap, decode, encode, type Size } from './canvas.ts';
import { type KeepExif, orientationOf, rewriteExif } from './exif.ts';
import { exifSegment, findExif } from './jpeg.ts';
import { fitWithin, HEAD_BYTES, type PictureHead, readPictureHead } from './picture.ts';

export interface DownscaleOptions {
  /** Longest side of the result, in pixels. Default 2,560: more than the widest rendition that Darkroom serves to a screen. */
  readonly maxSide?: number;
  /** From 0 to 1, for JPEG and WebP. Default 0.85: below it a second encoding begins to show. */
  readonly quality?: number;
  /** Media type of the result. Default: that of the file; WebP for AVIF, which browsers read but do not write. */
  readonly type?: string;
  /**
   * JPEG to JPEG: carry the EXIF along, with the orientation set to 1 and without thumbnail and MakerNote. `with-gps` carries the place
   * too. Default `none`.
   */
  readonly keepExif?: 'none' | 'without-gps' | 'with-gps';
}

export interface Downscaled {
  /** What to send: a smaller file, or the one that was given. */
  readonly blob: Blob;
  /** Null when the file is smaller now; else why it is as it was. */
  readonly untouched: 'animated-or-unsupported' | 'small-enough' | 'not-smaller' | 'no-canvas' | null;
  /** What became of the EXIF: `lost` means that there may have been some and the new file has none. */
  readonly exif: 'untouched' | 'kept' | 'lost';
}

type Settings = DownscaleOptions & Required<Pick<DownscaleOptions, 'maxSide' | 'quality' | 'keepExif'>>;

/** The widest rendition of the ladder is 2,048 pixels; a quarter more leaves room for cropping. */
const DEFAULTS = { maxSide: 2_560, quality: 0.85, keepExif: 'none' } as const;
/** What canvas writes in each format's place (HTML standard: PNG always, JPEG and WebP by convention). */
const WRITES: Readonly<Record<PictureHead['format'], string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/webp',
};

const asItIs = (blob: Blob, untouched: NonNullable<Downscaled['untouched']>): Downscaled => ({
  blob,
  untouched,
  exif: 'untouched',
});

/** The sides as shown, where the first bytes tell them. */
const uprightSize = (picture: PictureHead, head: Uint8Array): Size | null => {
  if (picture.size === null || orientationOf(findExif(head)) < 5) return picture.size;
  return { width: picture.size.height, height: picture.size.width };
};

interface Decoded {
  readonly bitmap: Bitmap;
  readonly target: Size;
}

/** Decodes at the target size, so that the whole raster (200 MB for a 50 MP photograph) need not be kept. */
const decodeSmall = async (blob: Blob, target: Size): Promise<Decoded | null> => {
  const bitmap = await decode(blob, target);
  if (bitmap?.width === target.width && bitmap.height === target.height) return { bitmap, target };
  // A browser that resizes before it turns gives other sides: then whole, and the canvas resizes.
  bitmap?.close();
  return null;
};

const decodeWhole = async (blob: Blob, maxSide: number): Promise<Decoded | 'small-enough' | 'no-canvas'> => {
  const bitmap = await decode(blob);
  if (bitmap === null) return 'no-canvas';
  const target = fitWithin(bitmap, maxSide);
  if (target !== null) return { bitmap, target };
  bitmap.close();
  return 'small-enough';
};

/** A word says why there is nothing to make smaller. */
const decodeFor = async (
  blob: Blob,
  known: Size | null,
  maxSide: number,
): Promise<Decoded | 'small-enough' | 'no-canvas'> => {
  if (known === null) return decodeWhole(blob, maxSide);
  const target = fitWithin(known, maxSide);
  if (target === null) return 'small-enough';
  return (await decodeSmall(blob, target)) ?? decodeWhole(blob, maxSide);
};

/** The JPEG with the EXIF of `head` put behind its start mark. Null when there is none to carry. */
const withExif = async (jpeg: Blob, head: Uint8Array, keep: KeepExif): Promise<Blob | null> => {
  const exif = findExif(head);
  const rewritten = exif === null ? null : rewriteExif(exif, keep);
  const segment = rewritten === null ? null : exifSegment(rewritten);
  if (segment === null) return null;
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  return new Blob([bytes.subarray(0, 2), segment, bytes.subarray(2)], { type: jpeg.type });
};

interface Source {
  readonly blob: Blob;
  readonly head: Uint8Array<ArrayBuffer>;
  readonly picture: PictureHead;
}

const encodeSmall = async (
  { blob, head, picture }: Source,
  { bitmap, target }: Decoded,
  { quality, keepExif, type = WRITES[picture.format] }: Settings,
): Promise<Downscaled> => {
  const encoded = await encode(bitmap, target, { type, quality }).finally(() => bitmap.close());
  if (encoded === null) return asItIs(blob, 'no-canvas');
  const carries = keepExif !== 'none' && picture.format === 'jpeg' && type === 'image/jpeg';
  const carrying = carries ? await withExif(encoded, head, { ...target, gps: keepExif === 'with-gps' }) : null;
  const smaller = carrying ?? encoded;
  if (smaller.size >= blob.size) return asItIs(blob, 'not-smaller');
  return { blob: smaller, untouched: null, exif: carrying === null ? 'lost' : 'kept' };
};

/**
 * A smaller file of the same picture, upright, in sRGB, to send instead of the original over a link that is too slow for it. Gives the
 * file back as it is when that would not help: no more pixels than `maxSide`, not fewer bytes afterwards, animated, a format that cannot
 * be written again, or no canvas (Node). EXIF, colour profile and whatever else the file carried are lost unless `keepExif` says otherwise,
 * and `exif` tells what happened. Never throws for a bad picture; rejects when the file cannot be read.
 */
export const downscale = async (blob: Blob, options: DownscaleOptions = {}): Promise<Downscaled> => {
  const settings: Settings = { ...DEFAULTS, ...options };
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer());
  const picture = readPictureHead(head);
  if (picture === null) return asItIs(blob, 'animated-or-unsupported');
  const decoded = await decodeFor(blob, uprightSize(picture, head), settings.maxSide);
  return typeof decoded === 'string' ? asItIs(blob, decoded) : encodeSmall({ blob, head, picture }, decoded, settings);
};
