/** How ISO 21496-1 names its segment in a JPEG (annex C). */
export const ISO_NAME = 'urn:iso:std:iso:ts:21496:-1\0';

const MULTICHANNEL = 0x80;
const BASE_COLOUR_SPACE = 0x40;
const COMMON_DENOMINATOR = 0x08;
/** Versions (4 bytes) and flags. */
const HEAD_BYTES = 5;

/** Bytes that the metadata of these flags has: headrooms, then five numbers a channel; each number with its denominator, or one for all. */
const lengthFor = (flags: number): number => {
  const channels = (flags & MULTICHANNEL) === 0 ? 1 : 3;
  return (flags & COMMON_DENOMINATOR) === 0 ? HEAD_BYTES + 16 + 40 * channels : HEAD_BYTES + 12 + 20 * channels;
};

/**
 * The metadata of a gain map as its file has it (annex C.2), cut to its own length, so that nothing travels behind it; undefined for
 * versions that nobody knows and for what is cut off. `bytes` is what follows the name in the segment.
 */
export const readIso = (bytes: Buffer): Buffer | undefined => {
  if (bytes.length < HEAD_BYTES || bytes.readUInt16BE(0) !== 0) return undefined;
  const length = lengthFor(bytes[4] ?? 0);
  return bytes.length < length ? undefined : Buffer.from(bytes.subarray(0, length));
};

/** True when the map is meant in the colours of another profile than its picture's: its own, without which it cannot be applied. */
export const needsOwnProfile = (iso: Buffer): boolean => ((iso[4] ?? 0) & BASE_COLOUR_SPACE) === 0;

/** Longest piece of XMP in which one value stands, in characters. */
const VALUE = 400;

/** Numbers of a property of Adobe's name space `hdrgm`, one or three, written as an attribute, an element or a sequence. */
const numbersOf = (xmp: string, name: string, missing: number): readonly number[] => {
  const attribute = new RegExp(`hdrgm:${name}\\s*=\\s*["']([^"']{1,40})["']`, 'u').exec(xmp)?.[1];
  const element = new RegExp(`<hdrgm:${name}>([\\s\\S]{1,${String(VALUE)}}?)</hdrgm:${name}>`, 'u').exec(xmp)?.[1];
  const items = [...(element ?? '').matchAll(/<rdf:li>([^<]{1,40})<\/rdf:li>/gu)].map(([, item = '']) => item);
  const written = attribute === undefined ? (items.length > 0 ? items : [element ?? '']) : [attribute];
  const numbers = written.map((text) => (text.trim() === '' ? missing : Number(text)));
  return numbers.length === 1 || numbers.length === 3 ? numbers : [Number.NaN];
};

/** Denominator of the numbers that we write: a millionth is finer than any map, and 2,147 larger than any headroom. */
const PARTS = 1_000_000;
const MOST = 2_000;

/** What the numbers of XMP mean where they are left out (Ultra HDR Image Format v1, "HDR gain map metadata"). */
const PER_CHANNEL = [
  ['GainMapMin', 0],
  ['GainMapMax', Number.NaN],
  ['Gamma', 1],
  ['OffsetSDR', 1 / 64],
  ['OffsetHDR', 1 / 64],
] as const;

/**
 * The same metadata made of Adobe's XMP, which Ultra HDR files of version 1 have; undefined when it names no map, numbers that are none, or
 * a picture whose ordinary half is the HDR one.
 */
export const isoOfXmp = (xmp: string): Buffer | undefined => {
  if (/hdrgm:BaseRenditionIsHDR\s*=\s*["']true/iu.test(xmp)) return undefined;
  const headrooms = [numbersOf(xmp, 'HDRCapacityMin', 0)[0], numbersOf(xmp, 'HDRCapacityMax', Number.NaN)[0]];
  const fields = PER_CHANNEL.map(([name, missing]) => numbersOf(xmp, name, missing));
  const channels = fields.some(({ length }) => length === 3) ? [0, 1, 2] : [0];
  const numbers = [...headrooms, ...channels.flatMap((channel) => fields.map((field) => field[channel] ?? field[0]))];
  if (numbers.some((value) => value === undefined || !(Math.abs(value) <= MOST))) return undefined;
  const iso = Buffer.alloc(HEAD_BYTES + 8 * numbers.length);
  // Adobe's maps are applied in the colours of the ordinary half.
  iso[4] = BASE_COLOUR_SPACE | (channels.length === 3 ? MULTICHANNEL : 0);
  for (const [index, value = 0] of numbers.entries()) {
    iso.writeInt32BE(Math.round(value * PARTS), HEAD_BYTES + 8 * index);
    iso.writeUInt32BE(PARTS, HEAD_BYTES + 8 * index + 4);
  }
  return iso;
};
