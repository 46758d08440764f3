import { openImage } from '../../packages/imaging/src/index.ts';
import type { ImageHeader } from '../../packages/types/src/image.ts';
import sharp, { type Sharp } from 'sharp';

/** Side of the pictures that are compared, in pixels. */
const SIDE = 32;
/** Mean difference of 255 that two decodings of one picture stay under; 3 %. */
const SAME = 7.65;

/** Turns and mirrors by EXIF orientation (EXIF 2.32, 4.6.5.1), written out here, so that nobody's automatism judges itself. */
const TURNS: Readonly<Record<number, (image: Sharp) => Sharp>> = {
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.flop().rotate(270),
  6: (image) => image.rotate(90),
  7: (image) => image.flop().rotate(90),
  8: (image) => image.rotate(270),
};

const small = (image: Sharp): Promise<Buffer> =>
  image.flatten({ background: '#808080' }).toColourspace('srgb').resize(SIDE, SIDE, { fit: 'fill' }).raw().toBuffer();

/** Pixels of an original as stored, turned by hand. In two passes: sharp turns before it mirrors, whatever the order of calls. */
const reference = async (original: Buffer, header: ImageHeader): Promise<Buffer> => {
  const stored = await openImage(original, header).resize(256, 256, { fit: 'inside' }).png().toBuffer();
  const mirrored =
    header.orientation === 5 || header.orientation === 7 ? await sharp(stored).flop().png().toBuffer() : stored;
  const turn = mirrored === stored ? TURNS[header.orientation] : TURNS[header.orientation === 5 ? 8 : 6];
  const turned = turn === undefined ? mirrored : await turn(sharp(mirrored)).png().toBuffer();
  return small(sharp(turned));
};

/** A fault when a rendition of an original with an EXIF orientation is not upright; undefined when it is. */
export const uprightFault = async (
  { original, header }: { original: Buffer; header: ImageHeader },
  rendition: Buffer,
): Promise<string | undefined> => {
  if (header.orientation === 1) return undefined;
  const [expected, seen] = await Promise.all([reference(original, header), small(sharp(rendition))]);
  if (expected.length !== seen.length) return undefined;
  const difference = expected.reduce((sum, value, at) => sum + Math.abs(value - (seen[at] ?? 0)), 0) / seen.length;
  return difference < SAME
    ? undefined
    : `not upright: orientation ${header.orientation}, differs by ${difference.toFixed(1)}`;
};
