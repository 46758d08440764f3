import { exifOrientation } from '../exif-orientation.ts';
import { found, more, type Parsed, reject } from '../outcome.ts';

interface Size {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** RFC 6386, 9.1: start code 9D 01 2A, then 14 bits of width and of height. */
const readLossy = (bytes: Buffer, at: number): Size | undefined => {
  if (bytes.readUIntBE(at + 3, 3) !== 0x9d012a) return undefined;
  return { width: bytes.readUInt16LE(at + 6) & 0x3fff, height: bytes.readUInt16LE(at + 8) & 0x3fff, hasAlpha: false };
};

/** RFC 9649, 3.4: signature 2F, then width - 1 and height - 1 in 14 bits each, then the alpha flag. */
const readLossless = (bytes: Buffer, at: number): Size | undefined => {
  if (bytes[at] !== 0x2f) return undefined;
  const bits = bytes.readUInt32LE(at + 1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
};

const EXIF_FLAG = 0x08;
const ANIMATION_FLAG = 0x02;
const ALPHA_FLAG = 0x10;

interface Chunk {
  readonly type: string;
  readonly at: number;
  readonly length: number;
}

/** Chunks whose headers lie within the bytes (RFC 9649, 2.3: sizes are padded to even). */
function* chunksOf(bytes: Buffer): Generator<Chunk> {
  let at = 12;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32LE(at + 4);
    yield { type: bytes.toString('latin1', at, at + 4), at: at + 8, length };
    at += 8 + length + (length & 1);
  }
}

/** Length of the file by its own RIFF header. */
const riffBytes = (bytes: Buffer): number => bytes.readUInt32LE(4) + 8;

/** The extended form: sides of the canvas in VP8X; frames and EXIF stand after the pixels, at the end of the file. */
const parseExtended = (bytes: Buffer, maxFrames: number): Parsed => {
  const flags = bytes[20] ?? 0;
  let [frames, orientation] = [0, 1];
  if ((flags & (EXIF_FLAG | ANIMATION_FLAG)) !== 0) {
    if (riffBytes(bytes) > bytes.length) return more;
    for (const { type, at, length } of chunksOf(bytes)) {
      if (type === 'ANMF') frames++;
      if (type === 'EXIF') orientation = exifOrientation(bytes.subarray(at, at + length));
      if (frames > maxFrames) break;
    }
  }
  const hasAlpha = (flags & ALPHA_FLAG) !== 0;
  return found({
    format: 'webp',
    width: bytes.readUIntLE(24, 3) + 1,
    height: bytes.readUIntLE(27, 3) + 1,
    orientation,
    frames: Math.max(1, frames),
    progressive: false,
    hasAlpha,
    channels: hasAlpha ? 4 : 3,
  });
};

/** Reads the first chunk: VP8, VP8L or VP8X. */
export const parseWebp =
  (maxFrames: number) =>
  (bytes: Buffer, fileBytes: number): Parsed => {
    const type = bytes.toString('latin1', 12, 16);
    // Ten bytes of the first chunk tell the sides, and five of a lossless one, which may have no more.
    if (bytes.length < (type === 'VP8L' ? 25 : 30)) return more;
    // Decoders refuse a file that is shorter than its own RIFF header says, even by a byte.
    if (riffBytes(bytes) > fileBytes) return reject('TRUNCATED_OR_CORRUPT');
    if (type === 'VP8X') return parseExtended(bytes, maxFrames);
    const readers: Record<string, typeof readLossy> = { 'VP8 ': readLossy, VP8L: readLossless };
    const size = readers[type]?.(bytes, 20);
    if (size === undefined) return reject('CORRUPT_HEADER');
    return found({
      format: 'webp',
      ...size,
      orientation: 1,
      frames: 1,
      progressive: false,
      channels: size.hasAlpha ? 4 : 3,
    });
  };
