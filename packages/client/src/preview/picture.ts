import type { Size } from './canvas.ts';
import { isJpeg, jpegSize } from './jpeg.ts';

/** What a file is, as far as its first bytes tell. */
export interface PictureHead {
  readonly format: 'jpeg' | 'png' | 'webp' | 'avif';
  /** Sides as stored; null where only decoding tells. */
  readonly size: Size | null;
}

const text = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** PNG, third edition: IHDR comes first; `acTL` before the data makes it an animation (section 11.3.4.1). */
const readPng = (bytes: Uint8Array): PictureHead | null => {
  if (bytes.length < 33) return null;
  const file = view(bytes);
  for (let at = 8; at + 8 <= bytes.length; at += 12 + file.getUint32(at)) {
    const type = text(bytes, at + 4, at + 8);
    if (type === 'acTL') return null;
    if (type === 'IDAT') break;
  }
  return { format: 'png', size: { width: file.getUint32(16), height: file.getUint32(20) } };
};

/** Bit of the VP8X flags that says animation (RFC 9649, section 2.7.1). */
const WEBP_ANIMATION = 0x02;

const readWebp = (bytes: Uint8Array): PictureHead | null => {
  const animated = text(bytes, 12, 16) === 'VP8X' && ((bytes[20] ?? 0) & WEBP_ANIMATION) !== 0;
  return animated ? null : { format: 'webp', size: null };
};

/** Brands in `ftyp` (ISO/IEC 14496-12, 4.3). `avis` is an image sequence, wherever it stands. */
const readIsoMedia = (bytes: Uint8Array): PictureHead | null => {
  const length = Math.min(view(bytes).getUint32(0), bytes.length, 256);
  const brands = new Set<string>();
  for (let at = 8; at + 4 <= length; at += 4) brands.add(text(bytes, at, at + 4));
  return brands.has('avif') && !brands.has('avis') ? { format: 'avif', size: null } : null;
};

/** Bytes to read at most: a JPEG's frame comes after its EXIF, colour profile and thumbnails. */
export const HEAD_BYTES = 512 * 1024;

/** Null for a file that is better left as it is: animated, or of a format that canvas does not write again (GIF, HEIC, TIFF, others). */
export const readPictureHead = (bytes: Uint8Array): PictureHead | null => {
  if (isJpeg(bytes)) return { format: 'jpeg', size: jpegSize(bytes) };
  if (bytes.length < 16) return null;
  if (text(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return readPng(bytes);
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP') return readWebp(bytes);
  return text(bytes, 4, 8) === 'ftyp' ? readIsoMedia(bytes) : null;
};

/** The sides within `maxSide`, in whole pixels and in the same shape; null when they are within it already. */
export const fitWithin = ({ width, height }: Size, maxSide: number): Size | null => {
  const longer = Math.max(width, height);
  if (longer <= maxSide) return null;
  const fit = (side: number): number => Math.max(1, Math.round((side * maxSide) / longer));
  return { width: fit(width), height: fit(height) };
};
