/** Entries looked at in one directory: cameras write some dozens, and 65,535 are a trap. */
const MAX_ENTRIES = 512;
/** Longest text read, in bytes: the longest tag that is kept has 64 characters. */
const MAX_TEXT = 512;

const ASCII = 2;
const LONG = 4;

/** Tag → offset of its 12-byte entry. */
type Directory = ReadonlyMap<number, number>;

export interface Tiff {
  readonly image: Directory;
  /** The EXIF directory, empty when there is none. */
  readonly photo: Directory;
  /** Text of a tag, up to its first NUL; undefined when it is missing, no text, or not within the block. */
  readonly text: (directory: Directory, tag: number) => string | undefined;
}

const EXIF_POINTER = 0x8769;
const EMPTY: Directory = new Map();

interface Numbers {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

/** Numbers in the block's own byte order; 0 outside the block. */
const numbersOf = (block: Buffer, little: boolean): Numbers => ({
  u16: (at) => (at + 2 > block.length ? 0 : little ? block.readUInt16LE(at) : block.readUInt16BE(at)),
  u32: (at) => (at + 4 > block.length ? 0 : little ? block.readUInt32LE(at) : block.readUInt32BE(at)),
});

const readDirectory = ({ u16 }: Numbers, length: number, at: number): Directory => {
  const entries = Math.min(u16(at), MAX_ENTRIES, Math.floor((length - at - 2) / 12));
  const offsets = Array.from({ length: Math.max(0, entries) }, (_, index) => at + 2 + 12 * index);
  return new Map(offsets.map((entry) => [u16(entry), entry]));
};

/**
 * Opens an EXIF block (with or without `Exif\0\0` before it) for single tags (TIFF 6.0, section 2; EXIF 2.32, 4.6). Only the
 * image and the EXIF directory are read, never the one with the location. Undefined when the block is no TIFF. Takes
 * microseconds and never throws: general readers unfold every value of every tag, which a hostile block turns into gigabytes.
 */
export const openTiff = (exif: Buffer): Tiff | undefined => {
  const block = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const mark = block.toString('latin1', 0, 2);
  if (mark !== 'II' && mark !== 'MM') return undefined;
  const numbers = numbersOf(block, mark === 'II');
  const { u16, u32 } = numbers;
  const image = readDirectory(numbers, block.length, u32(4));
  const pointer = image.get(EXIF_POINTER);
  const photo =
    pointer === undefined || u16(pointer + 2) !== LONG ? EMPTY : readDirectory(numbers, block.length, u32(pointer + 8));
  const text: Tiff['text'] = (directory, tag) => {
    const entry = directory.get(tag);
    if (entry === undefined || u16(entry + 2) !== ASCII) return undefined;
    const length = u32(entry + 4);
    const at = length <= 4 ? entry + 8 : u32(entry + 8);
    if (at + length > block.length) return undefined;
    return block.toString('utf8', at, at + Math.min(length, MAX_TEXT)).split('\0', 1)[0];
  };
  return { image, photo, text };
};
