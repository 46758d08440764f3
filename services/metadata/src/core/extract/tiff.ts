import { decodeText } from './text.ts';

/** Entries looked at in one directory: cameras write some dozens, and 65,535 are a trap. */
const MAX_ENTRIES = 512;
/** Longest value read, in bytes: the longest text that is kept has 2,000 characters. */
const MAX_BYTES = 8_192;
/** Most numbers read of one tag: a lens is described by four. */
const MAX_NUMBERS = 4;

/** Types of values (TIFF 6.0, section 2) and the bytes of one. */
const BYTE = 1;
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const UNDEFINED = 7;
const SIZES: Readonly<Record<number, number>> = {
  [BYTE]: 1,
  [ASCII]: 1,
  [SHORT]: 2,
  [LONG]: 4,
  [RATIONAL]: 8,
  [UNDEFINED]: 1,
};

/** Tag → offset of its 12-byte entry. */
export type Directory = ReadonlyMap<number, number>;

export interface Tiff {
  readonly image: Directory;
  /** The EXIF directory, empty when there is none. */
  readonly photo: Directory;
  /** The directory with the location. It is not looked at until this is called. */
  readonly location: () => Directory;
  /** Text of a tag, up to its first NUL; undefined when it is missing, no text, or not within the block. */
  readonly text: (directory: Directory, tag: number) => string | undefined;
  /** Raw bytes of a tag of single bytes, cut at 8 KiB; undefined as for `text`. */
  readonly bytes: (directory: Directory, tag: number) => Buffer | undefined;
  /** Up to four unsigned numbers or fractions of a tag; none when it is missing or not within the block. A fraction over 0 is NaN. */
  readonly numbers: (directory: Directory, tag: number) => readonly number[];
}

const EXIF_POINTER = 0x8769;
const GPS_POINTER = 0x8825;
const EMPTY: Directory = new Map();

interface Numbers {
  readonly u8: (at: number) => number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

/** Numbers in the block's own byte order; 0 outside the block. */
const numbersOf = (block: Buffer, little: boolean): Numbers => ({
  u8: (at) => block[at] ?? 0,
  u16: (at) => (at + 2 > block.length ? 0 : little ? block.readUInt16LE(at) : block.readUInt16BE(at)),
  u32: (at) => (at + 4 > block.length ? 0 : little ? block.readUInt32LE(at) : block.readUInt32BE(at)),
});

const readDirectory = ({ u16 }: Numbers, length: number, at: number): Directory => {
  const entries = Math.min(u16(at), MAX_ENTRIES, Math.floor((length - at - 2) / 12));
  const offsets = Array.from({ length: Math.max(0, entries) }, (_, index) => at + 2 + 12 * index);
  return new Map(offsets.map((entry) => [u16(entry), entry]));
};

/** Where the values of a tag are. */
interface Values {
  readonly type: number;
  readonly count: number;
  readonly at: number;
  /** Bytes that they take. */
  readonly length: number;
}

const valuesOf = ({ u16, u32 }: Numbers, length: number, entry: number | undefined): Values | undefined => {
  if (entry === undefined) return undefined;
  const [type, count] = [u16(entry + 2), u32(entry + 4)];
  const size = count * (SIZES[type] ?? 0);
  const at = size <= 4 ? entry + 8 : u32(entry + 8);
  return size === 0 || at + size > length ? undefined : { type, count, at, length: size };
};

const numberAt = ({ u8, u16, u32 }: Numbers, type: number, at: number): number => {
  switch (type) {
    case SHORT:
      return u16(at);
    case LONG:
      return u32(at);
    case RATIONAL:
      return u32(at + 4) === 0 ? Number.NaN : u32(at) / u32(at + 4);
    default:
      return u8(at);
  }
};

/**
 * Opens an EXIF block (with or without `Exif\0\0` before it) for single tags (TIFF 6.0, section 2; EXIF 2.32, 4.6). Only
 * the directories that are asked for are read. Undefined when the block is no TIFF. Takes
 * microseconds and never throws: general readers unfold every value of every tag, which a hostile block turns into gigabytes.
 */
export const openTiff = (exif: Buffer): Tiff | undefined => {
  const block = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const mark = block.toString('latin1', 0, 2);
  if (mark !== 'II' && mark !== 'MM') return undefined;
  const numbers = numbersOf(block, mark === 'II');
  const { u16, u32 } = numbers;
  const image = readDirectory(numbers, block.length, u32(4));
  const linked = (tag: number): Directory => {
    const pointer = image.get(tag);
    return pointer === undefined || u16(pointer + 2) !== LONG
      ? EMPTY
      : readDirectory(numbers, block.length, u32(pointer + 8));
  };
  const values = (directory: Directory, tag: number) => valuesOf(numbers, block.length, directory.get(tag));
  const slice = ({ at, length }: Values) => block.subarray(at, at + Math.min(length, MAX_BYTES));
  return {
    image,
    photo: linked(EXIF_POINTER),
    location: () => linked(GPS_POINTER),
    text: (directory, tag) => {
      const found = values(directory, tag);
      if (found?.type !== ASCII) return undefined;
      const bytes = slice(found);
      const end = bytes.indexOf(0);
      return decodeText(end === -1 ? bytes : bytes.subarray(0, end));
    },
    bytes: (directory, tag) => {
      const found = values(directory, tag);
      return found !== undefined && SIZES[found.type] === 1 ? slice(found) : undefined;
    },
    numbers: (directory, tag) => {
      const found = values(directory, tag);
      if (found === undefined || found.type === ASCII || found.type === UNDEFINED) return [];
      const { type, count, at, length } = found;
      return Array.from({ length: Math.min(count, MAX_NUMBERS) }, (_, index) =>
        numberAt(numbers, type, at + (index * length) / count),
      );
    },
  };
};
