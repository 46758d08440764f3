import { crc32, deflateSync } from 'node:zlib';
import { segment } from './jpeg-segments.ts';

/** Bytes of profile that one JPEG segment takes: 65,535 less its length, `ICC_PROFILE\0` and two counters (ICC.1, annex B.4). */
const JPEG_CHUNK = 65_519;
const MAX_JPEG_CHUNKS = 255;
const JPEG_START_BYTES = 2;

const APP2 = 0xe2;
const jpegSegment = (chunk: Buffer, index: number, count: number): Buffer =>
  segment(APP2, Buffer.concat([Buffer.from('ICC_PROFILE\0', 'latin1'), Buffer.from([index + 1, count]), chunk]));

const tagJpeg = (jpeg: Buffer, icc: Buffer): Buffer => {
  const count = Math.ceil(icc.length / JPEG_CHUNK);
  if (count > MAX_JPEG_CHUNKS) return jpeg;
  const segments = Array.from({ length: count }, (_, index) =>
    jpegSegment(icc.subarray(index * JPEG_CHUNK, (index + 1) * JPEG_CHUNK), index, count),
  );
  return Buffer.concat([jpeg.subarray(0, JPEG_START_BYTES), ...segments, jpeg.subarray(JPEG_START_BYTES)]);
};

/** Signature (8) and IHDR (25): the profile must stand before the pixels (PNG, 5.6). */
const PNG_START_BYTES = 33;

const tagPng = (png: Buffer, icc: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc)]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, PNG_START_BYTES), length, body, check, png.subarray(PNG_START_BYTES)]);
};

/**
 * A file with a colour profile put into it, its pixels as they are: encoders that are given a profile convert to it. The file
 * must have none yet.
 */
export const tagColour = (file: Buffer, format: 'jpeg' | 'png', icc: Buffer): Buffer =>
  format === 'jpeg' ? tagJpeg(file, icc) : tagPng(file, icc);
