import { exifOrientation } from '../exif-orientation.ts';
import { found, more, type Parsed, reject } from '../outcome.ts';

/** Channels by colour type (PNG, table 11.1); a palette is three. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };
const ALPHA_TYPES = new Set([4, 6]);
/** Offset of the first chunk after the 8-byte signature and IHDR (8 + 13 + 4). */
const AFTER_IHDR = 33;
/** PNG 5.3 and 11.2.1: sides are 1 to 2^31 - 1. */
const MAX_SIDE = 0x7fffffff;

interface Ancillary {
  transparency: boolean;
  orientation: number;
}

/** Looks for tRNS and eXIf before the pixels. Undefined when the bytes end first. */
const readAncillary = (bytes: Buffer): Ancillary | undefined => {
  const found: Ancillary = { transparency: false, orientation: 1 };
  let at = AFTER_IHDR;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT' || type === 'IEND') return found;
    if (type === 'tRNS') found.transparency = true;
    if (type === 'eXIf') found.orientation = exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return undefined;
};

interface Ihdr {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly alphaType: boolean;
  readonly interlaced: boolean;
}

/** Undefined when the chunk is not an IHDR, or holds what none may hold. */
const readIhdr = (bytes: Buffer): Ihdr | undefined => {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const colourType = bytes[25] ?? -1;
  const channels = CHANNELS[colourType];
  const interlace = bytes[28] ?? 0;
  if (bytes.toString('latin1', 12, 16) !== 'IHDR' || channels === undefined) return undefined;
  if (Math.max(width, height) > MAX_SIDE || interlace > 1) return undefined;
  return { width, height, channels, alphaType: ALPHA_TYPES.has(colourType), interlaced: interlace === 1 };
};

/** IHDR decides: sides, colour type and interlacing are in the first 33 bytes of every PNG. */
export const parsePng = (bytes: Buffer, fileBytes: number): Parsed => {
  if (bytes.length < AFTER_IHDR) return more;
  const ihdr = readIhdr(bytes);
  if (ihdr === undefined) return reject('CORRUPT_HEADER');
  // Profiles and text may push the pixels out of sight: what is behind them is worth no second read, decoders find it.
  const ancillary = readAncillary(bytes);
  if (ancillary === undefined && bytes.length >= fileBytes) return more;
  const { transparency, orientation } = ancillary ?? { transparency: false, orientation: 1 };
  return found({
    format: 'png',
    width: ihdr.width,
    height: ihdr.height,
    orientation,
    // An APNG is taken for its default image, as every decoder without APNG does.
    frames: 1,
    progressive: ihdr.interlaced,
    hasAlpha: ihdr.alphaType || transparency,
    channels: ihdr.channels + (transparency && !ihdr.alphaType ? 1 : 0),
  });
};
