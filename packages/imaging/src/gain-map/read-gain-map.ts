import { openTiff } from '../tiff.ts';
import { isoOfXmp, ISO_NAME, readIso } from './iso-metadata.ts';
import { segmentsOf } from '../jpeg-segments.ts';

/** A picture's HDR half: by how much each pixel is brighter on a screen that can show it. */
export interface GainMap {
  /** The map, a JPEG of its own, as the camera wrote it, metadata and all. */
  readonly jpeg: Buffer;
  /** How its values are meant: ISO 21496-1, annex C.2. Numbers only. */
  readonly iso: Buffer;
}

const APP1 = 0xe1;
const APP2 = 0xe2;
const MPF = 'MPF\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const MP_ENTRY = 0xb002;
const ENTRY_BYTES = 16;
/** Pictures of one file that are looked at: phones write two or three. */
const MAX_PICTURES = 8;

const startsWith = (data: Buffer, name: string): boolean => data.toString('latin1', 0, name.length) === name;

/** Where the further pictures of a file begin and how long they are (CIPA DC-007, 5.2.3), from the start of the MPF block. */
const entriesOf = (block: Buffer): { readonly offset: number; readonly size: number }[] => {
  const tiff = openTiff(block);
  if (tiff === undefined) return [];
  const directory = tiff.u32(4);
  const tags = Array.from({ length: Math.min(16, tiff.u16(directory)) }, (_, index) => directory + 2 + 12 * index);
  const found = tags.find((at) => tiff.u16(at) === MP_ENTRY);
  if (found === undefined) return [];
  const [bytes, start] = [tiff.u32(found + 4), tiff.u32(found + 8)];
  const count = Math.min(MAX_PICTURES, Math.floor(bytes / ENTRY_BYTES));
  return Array.from({ length: count }, (_, index) => {
    const at = start + ENTRY_BYTES * index;
    return { offset: tiff.u32(at + 8), size: tiff.u32(at + 4) };
  });
};

/** The pictures behind the first one. */
const furtherPictures = (jpeg: Buffer): Buffer[] => {
  for (const { marker, at, data } of segmentsOf(jpeg)) {
    if (marker !== APP2 || !startsWith(data, MPF)) continue;
    const base = at + 4 + MPF.length;
    return entriesOf(data.subarray(MPF.length))
      .filter(({ offset }) => offset > 0)
      .map(({ offset, size }) => jpeg.subarray(base + offset, base + offset + size))
      .filter((picture) => picture.length > 4 && picture.readUInt16BE(0) === 0xffd8);
  }
  return [];
};

/** The metadata by which a picture is a gain map: ISO's where it has it, or made of Adobe's. */
const isoOf = (picture: Buffer): Buffer | undefined => {
  let fromXmp: Buffer | undefined;
  for (const { marker, data } of segmentsOf(picture)) {
    if (marker === APP2 && startsWith(data, ISO_NAME)) {
      const iso = readIso(data.subarray(ISO_NAME.length));
      if (iso !== undefined) return iso;
    }
    if (marker === APP1 && startsWith(data, XMP)) fromXmp ??= isoOfXmp(data.toString('latin1', XMP.length));
  }
  return fromXmp;
};

/**
 * The gain map of an Ultra HDR or ISO 21496-1 JPEG, by its index of pictures (MPF); undefined where there is none. Nothing is decoded.
 * Never throws: a map that cannot be read is none.
 */
export const readGainMap = (jpeg: Buffer): GainMap | undefined => {
  for (const picture of furtherPictures(jpeg)) {
    const iso = isoOf(picture);
    if (iso !== undefined) return { jpeg: picture, iso };
  }
  return undefined;
};
