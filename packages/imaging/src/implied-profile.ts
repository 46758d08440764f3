import type { SourceFormat } from '@darkroom/types/image';
import { isSrgb, readRgbProfile } from './colour-profile.ts';
import { boxesIn, findBox } from './header/formats/heif/boxes.ts';
import { readItems } from './header/formats/heif/items.ts';
import { greyProfile, matrixProfile, type Primaries, type ToneCurve } from './matrix-profile.ts';

/** How colours are meant, in other words than a profile's. */
interface Meaning {
  readonly primaries: Primaries;
  readonly tone: ToneCurve;
}

const D65 = [0.3127, 0.329] as const;
const BT709: Primaries = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 };

/** Primaries by number (ITU-T H.273, table 2), as far as pictures have them. */
const PRIMARIES: Readonly<Record<number, Primaries>> = {
  1: BT709,
  9: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 },
  12: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 },
};

/** Curves by number (table 3). Those of video are shown as sRGB by everybody; PQ and HLG are not for eight bits. */
const TONES: Readonly<Record<number, ToneCurve>> = {
  1: 'srgb',
  2: 'srgb',
  4: 2.2,
  6: 'srgb',
  8: 1,
  13: 'srgb',
  14: 'srgb',
  15: 'srgb',
};

const byNumbers = (primaries: number, transfer: number): Meaning | undefined => {
  const [named, tone] = [PRIMARIES[primaries], TONES[transfer]];
  return named === undefined || tone === undefined ? undefined : { primaries: named, tone };
};

const AFTER_IHDR = 33;

/** Chunks between the header and the pixels, the first of each name (PNG, 5.3). */
const chunksOf = (png: Buffer): Map<string, Buffer> => {
  const chunks = new Map<string, Buffer>();
  let at = AFTER_IHDR;
  while (at + 12 <= png.length) {
    const name = png.toString('latin1', at + 4, at + 8);
    if (name === 'IDAT') break;
    const end = at + 8 + png.readUInt32BE(at);
    if (!chunks.has(name)) chunks.set(name, png.subarray(at + 8, end));
    at = end + 4;
  }
  return chunks;
};

/** Gammas that somebody may have meant: 1 is linear light, old Macintoshes had 1.8, PngSuite goes down to 0.4. */
const LEAST_GAMMA = 0.2;
const MOST_GAMMA = 5;

/** The gamma that undoes `gAMA` (11.3.2.2), or undefined for one that nobody can have meant. */
const gammaOf = (chunk: Buffer | undefined): number | undefined => {
  if (chunk?.length !== 4) return undefined;
  const gamma = 100_000 / chunk.readUInt32BE(0);
  return gamma >= LEAST_GAMMA && gamma <= MOST_GAMMA ? gamma : undefined;
};

/** `cHRM` (11.3.2.1): white, red, green and blue, in hundred-thousandths. */
const primariesOf = (chunk: Buffer | undefined): Primaries => {
  if (chunk?.length !== 32) return BT709;
  const point = (at: number): [number, number] => [
    chunk.readUInt32BE(at) / 100_000,
    chunk.readUInt32BE(at + 4) / 100_000,
  ];
  return { white: point(0), red: point(8), green: point(16), blue: point(24) };
};

/** By what stands first in rank (PNG, 4.3): `cICP`, then `sRGB`, then `gAMA` with `cHRM`. */
const meaningOfPng = (png: Buffer): Meaning | undefined => {
  const chunks = chunksOf(png);
  const [cicp, gamma] = [chunks.get('cICP'), gammaOf(chunks.get('gAMA'))];
  if (cicp?.length === 4) return byNumbers(cicp[0] ?? 0, cicp[1] ?? 0);
  return chunks.has('sRGB') || gamma === undefined
    ? undefined
    : { primaries: primariesOf(chunks.get('cHRM')), tone: gamma };
};

/** By the numbers in the primary item's `colr` (ISO/IEC 14496-12, 12.1.5), or undefined. */
const meaningOfHeif = (heif: Buffer): Meaning | undefined => {
  const meta = findBox(boxesIn(heif, 0, heif.length), 'meta');
  const items = meta === undefined ? undefined : readItems(heif, meta);
  const colours = items?.properties.get(items.primary)?.filter(({ type }) => type === 'colr') ?? [];
  const nclx = colours.find(({ start }) => heif.toString('latin1', start, start + 4) === 'nclx');
  return nclx && byNumbers(heif.readUInt16BE(nclx.start + 4), heif.readUInt16BE(nclx.start + 6));
};

const meaningOf = (file: Buffer, format: SourceFormat): Meaning | undefined => {
  try {
    if (format === 'png') return meaningOfPng(file);
    return format === 'avif' ? meaningOfHeif(file) : undefined;
  } catch {
    // Boxes that end before what they must hold: the picture is shown as if they said nothing.
    return undefined;
  }
};

/**
 * The profile that says what a file without one says of its colours in other words: PNG by `cICP`, `gAMA` and `cHRM`, AVIF by its numbers
 * for primaries and curve; libvips passes over all of them. Undefined where that is sRGB, or nothing. Never throws.
 */
export const impliedProfile = (file: Buffer, format: SourceFormat, isGrey: boolean): Buffer | undefined => {
  const meaning = meaningOf(file, format);
  if (meaning === undefined) return undefined;
  const icc = matrixProfile(meaning.primaries, meaning.tone);
  const profile = readRgbProfile(icc);
  if (profile === undefined) return undefined;
  if (!isGrey) return isSrgb(profile) ? undefined : icc;
  // Grey has no primaries to differ in.
  const alike = readRgbProfile(matrixProfile(BT709, meaning.tone));
  return alike !== undefined && isSrgb(alike) ? undefined : greyProfile(meaning.tone);
};
