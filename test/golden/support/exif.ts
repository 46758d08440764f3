import { withSegment } from './jpeg.ts';

/** The least EXIF there is: one directory with the orientation (EXIF 2.32, 4.6.2). */
export const orientationExif = (orientation: number): Buffer => {
  const tiff = Buffer.alloc(26);
  tiff.write('MM\0*', 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x01_12, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
};

/** A JPEG with this orientation in its EXIF. */
export const turnedJpeg = (jpeg: Buffer, orientation: number): Buffer =>
  withSegment(jpeg, 0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientationExif(orientation)]));

const riffChunk = (name: string, data: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Buffer.concat([Buffer.from(name, 'latin1'), length, data, Buffer.alloc(data.length % 2)]);
};

/** A plain WebP as an extended one (RFC 9649, 2.7) with this orientation in its EXIF. */
export const turnedWebp = (
  webp: Buffer,
  { width, height, orientation }: { width: number; height: number; orientation: number },
): Buffer => {
  const head = Buffer.alloc(10);
  head.writeUInt8(0b1000);
  head.writeUIntLE(width - 1, 4, 3);
  head.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([
    Buffer.from('WEBP', 'latin1'),
    riffChunk('VP8X', head),
    webp.subarray(12),
    riffChunk('EXIF', orientationExif(orientation)),
  ]);
  return riffChunk('RIFF', body);
};
