import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** A file of test/fixtures. */
export const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A PNG chunk with its checksum. */
export const pngChunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
};

/** A PNG that says it is this large and holds no pixels: what a decompression bomb looks like up to the bomb. */
export const pngOf = (width: number, height: number, { colourType = 2, interlace = 0 } = {}): Buffer =>
  Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([8, colourType, 0, 0, interlace])])),
    pngChunk('IDAT', Buffer.alloc(16)),
  ]);

/** A JPEG header: SOI, segments, a frame of the given sides, start of scan. */
export const jpegOf = (
  { width = 64, height = 48, marker = 0xc0, precision = 8, components = 3 },
  segments: readonly Buffer[] = [],
): Buffer => {
  const frame = Buffer.alloc(10 + 3 * components);
  frame.set([0xff, marker]);
  frame.writeUInt16BE(8 + 3 * components, 2);
  frame[4] = precision;
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  frame[9] = components;
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments,
    frame,
    Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]),
  ]);
};

/** A JPEG segment, such as APP1. */
export const jpegSegment = (marker: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
};

/** EXIF with nothing but an orientation, in either byte order and as SHORT (3) or LONG (4). */
export const exifOf = (orientation: number, { little = true, type = 3 } = {}): Buffer => {
  const tiff = Buffer.alloc(26);
  const u16 = (value: number, at: number) => (little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at));
  const long = (value: number, at: number) => (little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at));
  tiff.write(little ? 'II' : 'MM', 0, 'latin1');
  u16(42, 2);
  long(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(type, 12);
  long(1, 14);
  if (type === 4) long(orientation, 18);
  else u16(orientation, 18);
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
};

/** A GIF of 1 × 1 frames. */
export const gifOf = (frames: number, width = 4, height = 4): Buffer => {
  const head = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 0, 0, 0, 255, 255, 255, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
};

const riffChunk = (type: string, data: Buffer): Buffer => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  return Buffer.concat([Buffer.from(type, 'latin1'), size, data, Buffer.alloc(data.length % 2)]);
};

/** An extended WebP: canvas, flags and any chunks after them. */
export const webpOf = (
  { width = 16, height = 16, flags = 0 },
  chunks: readonly (readonly [type: string, data: Buffer])[] = [],
): Buffer => {
  const canvas = Buffer.alloc(10);
  canvas[0] = flags;
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([riffChunk('VP8X', canvas), ...chunks.map(([type, data]) => riffChunk(type, data))]);
  return riffChunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), body]));
};
