import type { Box } from './boxes.ts';
import type { Items } from './items.ts';

export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** How the pixels of an item are coded; undefined for what no decoder here reads. */
export type Coding = 'av1' | 'hevc';

const CODINGS: Readonly<Record<string, Coding>> = { av01: 'av1', hvc1: 'hevc', hev1: 'hevc' };

/** Items that a derived one names; none when it names one twice, which libheif refuses, and which has no end. */
const partsOf = ({ derivedFrom }: Items, item: number): readonly number[] => {
  const parts = derivedFrom.get(item) ?? [];
  return new Set(parts).size === parts.length ? parts : [];
};

/** The tiles of a grid, or the item itself. */
const tilesOf = (items: Items, item: number): readonly number[] =>
  items.types.get(item) === 'grid' ? partsOf(items, item) : [item];

/**
 * Coded items whose pixels an item is put together from: itself, its tiles, or those of what it repeats (`iden`) or lays over each
 * other (`iovl`). Derivations of derivations beyond that are in no photograph and count as coded by nobody.
 */
const codedParts = (items: Items, item: number): readonly number[] => {
  const type = items.types.get(item);
  return type === 'iden' || type === 'iovl'
    ? partsOf(items, item).flatMap((part) => tilesOf(items, part))
    : tilesOf(items, item);
};

/** Coding of an item, by that of its tiles when it is a grid; all of them must be of one kind. */
export const codingOf = (items: Items, item: number): Coding | undefined => {
  const codings = new Set(codedParts(items, item).map((part) => CODINGS[items.types.get(part) ?? '']));
  const [only] = codings;
  return codings.size === 1 ? only : undefined;
};

const propertyOf = (items: Items, item: number, type: string): Box | undefined =>
  items.properties.get(item)?.find((box) => box.type === type);

/** Sides before rotation and cropping (`ispe`, ISO/IEC 23008-12, 6.5.3), or undefined. */
export const codedSides = (bytes: Buffer, items: Items, item: number): Sides | undefined => {
  const extent = propertyOf(items, item, 'ispe');
  if (extent === undefined) return undefined;
  return { width: bytes.readUInt32BE(extent.start + 4), height: bytes.readUInt32BE(extent.start + 8) };
};

/** Pixels that a decoder unpacks for an item: those of all tiles, however often one is used. */
export const decodedPixels = (bytes: Buffer, items: Items, item: number): number =>
  codedParts(items, item).reduce((sum, part) => {
    const { width, height } = codedSides(bytes, items, part) ?? { width: 0, height: 0 };
    return sum + width * height;
  }, 0);

/** A side after a clean aperture (`clap`, ISO/IEC 14496-12, 12.1.4.2): a fraction, never more than there is. */
const cropped = (bytes: Buffer, at: number, side: number): number => {
  const [numerator, denominator] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
  return denominator === 0 ? side : Math.min(side, Math.round(numerator / denominator));
};

/** Sides as seen: cropped and turned as the properties say, in their order (ISO/IEC 23008-12, 6.5.1). */
export const seenSides = (bytes: Buffer, items: Items, item: number): Sides | undefined => {
  const coded = codedSides(bytes, items, item);
  if (coded === undefined) return undefined;
  return (items.properties.get(item) ?? []).reduce<Sides>((sides, { type, start }) => {
    if (type === 'irot' && ((bytes[start] ?? 0) & 1) === 1) return { width: sides.height, height: sides.width };
    if (type !== 'clap') return sides;
    return { width: cropped(bytes, start, sides.width), height: cropped(bytes, start + 8, sides.height) };
  }, coded);
};

const ALPHA = /:auxid:1$|alpha/;

/** True when an auxiliary image of the item is its transparency (`auxC`, ISO/IEC 23008-12, 6.5.8). */
export const hasAlpha = (bytes: Buffer, items: Items, item: number): boolean =>
  (items.auxiliaries.get(item) ?? []).some((auxiliary) => {
    const kind = propertyOf(items, auxiliary, 'auxC');
    if (kind === undefined) return false;
    const [urn = ''] = bytes.toString('latin1', kind.start + 4, Math.min(kind.end, kind.start + 68)).split('\0');
    return ALPHA.test(urn);
  });

/** True when the properties say one channel (`pixi`, ISO/IEC 23008-12, 6.5.6). */
export const isMono = (bytes: Buffer, items: Items, item: number): boolean => {
  const channels = propertyOf(items, item, 'pixi');
  return channels !== undefined && bytes[channels.start + 4] === 1;
};

/** True for AV1 of more than 8 bits a channel: high_bitdepth of `av1C` (AV1 in ISOBMFF, 2.3.3), of the item or its first tile. */
export const isDeep = (bytes: Buffer, items: Items, item: number): boolean => {
  const [first = item] = codedParts(items, item);
  const config = propertyOf(items, first, 'av1C');
  return config !== undefined && ((bytes[config.start + 2] ?? 0) & 0x40) !== 0;
};
