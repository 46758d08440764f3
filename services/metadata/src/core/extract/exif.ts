import type { Exif } from '@darkroom/types/image';
import { cleanText } from './text.ts';
import type { Tiff } from './tiff.ts';
import type { XmpTexts } from './xmp.ts';

/** EXIF 2.32, tables 4 and 7. */
const MAKE = 0x010f;
const MODEL = 0x0110;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;

/** Longest camera name kept, in characters; the contract's limit. */
const MAX_NAME = 64;

const DATE = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?/;
const OFFSET = /^[+-]\d\d:\d\d$/;

/** No photograph is older than 1826; `0000:00:00`, which cameras without a set clock write, is. */
const FIRST_PHOTOGRAPH = Date.UTC(1826, 0, 1);

/** True for a moment that exists: not month 13, not 31 February. */
const exists = (local: string): boolean => {
  const time = Date.parse(`${local}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(local) && time >= FIRST_PHOTOGRAPH;
};

/** A date as EXIF (`2024:05:01 12:00:00`) or XMP (`2024-05-01T12:00:00+02:00`, seconds optional) writes it, as ours; null when it is none. */
const takenAt = (date: string | undefined, offset?: string): string | null => {
  const [, year, month, day, hour, minute, second = '00', zone] = DATE.exec(date ?? '') ?? [];
  if (year === undefined) return null;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (!exists(local)) return null;
  const known = zone === 'Z' ? '+00:00' : (zone ?? offset);
  return known !== undefined && OFFSET.test(known) ? `${local}${known}` : local;
};

const XMP_DATES = ['dateTimeOriginal', 'dateCreated', 'createDate'] as const;

const takenByXmp = (xmp: XmpTexts): string | null => {
  for (const name of XMP_DATES) {
    const taken = takenAt(xmp.get(name)?.[0]);
    if (taken !== null) return taken;
  }
  return null;
};

/**
 * Camera and time, from EXIF or, where it is silent, XMP. `orientation` is the decoder's own; values outside 1 to 8 count as
 * 1. Broken EXIF says nothing about the picture: what cannot be read is null. Never throws.
 */
export const exifFacts = (tiff: Tiff | undefined, xmp: XmpTexts, orientation: number | undefined): Exif => {
  const text = (tag: number) => tiff?.text(tiff.photo, tag);
  const name = (tag: number) => cleanText(tiff?.text(tiff.image, tag), MAX_NAME);
  const isValid = orientation !== undefined && orientation >= 1 && orientation <= 8;
  return {
    takenAt: takenAt(text(DATE_TIME_ORIGINAL), text(OFFSET_TIME_ORIGINAL)) ?? takenByXmp(xmp),
    make: name(MAKE) ?? cleanText(xmp.get('make')?.[0], MAX_NAME),
    model: name(MODEL) ?? cleanText(xmp.get('model')?.[0], MAX_NAME),
    orientation: isValid ? orientation : 1,
  };
};
