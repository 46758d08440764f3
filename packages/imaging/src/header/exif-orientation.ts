import { openTiff, type Tiff } from '../tiff.ts';

const ORIENTATION_TAG = 0x0112;
/** Entries looked at: cameras write a dozen into IFD0, and 65,535 are a trap. */
const MAX_ENTRIES = 256;

/** TIFF type SHORT is 2 bytes, LONG is 4; other types are not an orientation. */
const valueOf = (tiff: Tiff, entry: number): number => {
  const type = tiff.u16(entry + 2);
  const value = type === 3 ? tiff.u16(entry + 8) : type === 4 ? tiff.u32(entry + 8) : 1;
  return value >= 1 && value <= 8 ? value : 1;
};

const inFirstDirectory = (tiff: Tiff): number => {
  const directory = tiff.u32(4);
  if (directory + 2 > tiff.length) return 1;
  const entries = Math.min(tiff.u16(directory), MAX_ENTRIES);
  const end = Math.min(directory + 2 + entries * 12, tiff.length);
  for (let entry = directory + 2; entry + 12 <= end; entry += 12)
    if (tiff.u16(entry) === ORIENTATION_TAG) return valueOf(tiff, entry);
  return 1;
};

/**
 * Orientation (1 to 8) in an EXIF block, with or without the `Exif\0\0` before it. 1 for everything that is not a valid
 * orientation (0, 9, 255, 65535, no tag, a broken block): EXIF never decides whether an image is taken. EXIF 2.32, 4.6.5.1.
 */
export const exifOrientation = (block: Buffer): number => {
  const tiff = openTiff(block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block);
  return tiff === undefined ? 1 : inFirstDirectory(tiff);
};
