import type { Exif } from '@darkroom/types/image';
import { openTiff } from './tiff.ts';

/** EXIF 2.32, tables 4 and 7. */
const MAKE = 0x010f;
const MODEL = 0x0110;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;

/** Longest camera name kept, in characters; the contract's limit. */
const MAX_NAME = 64;

const DATE = /^(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)/;
const OFFSET = /^[+-]\d\d:\d\d$/;

/** No photograph is older than 1826; `0000:00:00`, which cameras without a set clock write, is. */
const FIRST_PHOTOGRAPH = Date.UTC(1826, 0, 1);

/** A camera name without control characters (hostile EXIF carries terminal codes) and padding; null when nothing is left. */
const nameOf = (value: string | undefined): string | null => {
  const clean = (value ?? '')
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    .trim();
  return clean === '' ? null : clean.toWellFormed();
};

/** True for a moment that exists: not month 13, not 31 February. */
const exists = (local: string): boolean => {
  const time = Date.parse(`${local}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(local) && time >= FIRST_PHOTOGRAPH;
};

const takenAt = (date: string | undefined, offset: string | undefined): string | null => {
  const [, year, month, day, hour, minute, second] = DATE.exec(date ?? '') ?? [];
  if (year === undefined) return null;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (!exists(local)) return null;
  return offset !== undefined && OFFSET.test(offset) ? `${local}${offset}` : local;
};

/**
 * What is worth keeping of an EXIF block: camera and time. Location is never looked at. `orientation` is the decoder's own;
 * values outside 1 to 8 count as 1. Broken EXIF says nothing about the picture: what cannot be read is null. Never throws.
 */
export const exifFacts = (block: Buffer | undefined, orientation: number | undefined): Exif => {
  const tiff = block === undefined ? undefined : openTiff(block);
  const isValid = orientation !== undefined && orientation >= 1 && orientation <= 8;
  return {
    takenAt: takenAt(tiff?.text(tiff.photo, DATE_TIME_ORIGINAL), tiff?.text(tiff.photo, OFFSET_TIME_ORIGINAL)),
    make: nameOf(tiff?.text(tiff.image, MAKE)),
    model: nameOf(tiff?.text(tiff.image, MODEL)),
    orientation: isValid ? orientation : 1,
  };
};
