// Segments of a JPEG file (ITU-T T.81, annex B) and the EXIF among them (EXIF 2.32, section 4.5.4).
import type { Size } from './canvas.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF_MARK = 'Exif\0\0';
/** Bytes of a segment with its length field, at most: the field has 16 bits. */
const MAX_SEGMENT = 65_535;

export interface Segment {
  readonly marker: number;
  /** Where its content starts, after marker and length, and where it ends. */
  readonly start: number;
  readonly end: number;
}

/** Start of frame: C0 to CF but for DHT, JPG and DAC (T.81, table B.1). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === SOI && bytes[2] === 0xff;

/** The segments before the picture's data, as far as `bytes` reach. Ends at the first thing that is not a segment. */
export function* segments(bytes: Uint8Array): Generator<Segment> {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    // Any number of 0xff may fill the space before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === SOS || marker === EOI) return;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2) return;
    yield { marker, start: at + 4, end: at + 2 + length };
    at += 2 + length;
  }
}

/** Sides as stored, before the orientation is applied. Null when the frame is not within `bytes`. */
export const jpegSize = (bytes: Uint8Array): Size | null => {
  for (const { marker, start } of segments(bytes)) {
    if (!isFrame(marker) || start + 5 > bytes.length) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, 5);
    return { width: view.getUint16(3), height: view.getUint16(1) };
  }
  return null;
};

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  Array.from(text).every((letter, index) => bytes[at + index] === letter.charCodeAt(0));

/** The TIFF structure inside the EXIF segment, or null. */
export const findExif = (bytes: Uint8Array): Uint8Array | null => {
  for (const { marker, start, end } of segments(bytes)) {
    if (marker === APP1 && end <= bytes.length && startsWith(bytes, start, EXIF_MARK))
      return bytes.subarray(start + EXIF_MARK.length, end);
  }
  return null;
};

/** The segment that carries a TIFF structure as EXIF, or null when it is too long for one. */
export const exifSegment = (tiff: Uint8Array): Uint8Array<ArrayBuffer> | null => {
  const length = 2 + EXIF_MARK.length + tiff.length;
  if (length > MAX_SEGMENT) return null;
  const segment = new Uint8Array(2 + length);
  segment.set([0xff, APP1, length >> 8, length & 255, ...Array.from(EXIF_MARK, (letter) => letter.charCodeAt(0))]);
  segment.set(tiff, 4 + EXIF_MARK.length);
  return segment;
};
