import type { Exif } from '@darkroom/types/image';
import readExif from 'exif-reader';

/** Longest camera name kept, in characters; the contract's limit. */
const MAX_NAME = 64;

const DATE = /^(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)/;
const OFFSET = /^[+-]\d\d:\d\d$/;

/** A camera name without control characters (hostile EXIF carries terminal codes) and padding; null when nothing is left. */
const nameOf = (value: unknown): string | null => {
  if (typeof value !== 'string') return null;
  const clean = value
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    .trim();
  return clean === '' ? null : clean.toWellFormed();
};

/** The clock's digits, however exif-reader hands them over: it reads the date as if it were UTC. */
const digitsOf = (value: unknown): string | undefined => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString().slice(0, 19);
  if (typeof value !== 'string') return undefined;
  const [, year, month, day, hour, minute, second] = DATE.exec(value) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}`;
};

/** True for a date that exists: cameras without a set clock write zeros, and broken ones a month 13. */
const exists = (local: string): boolean => {
  const time = Date.parse(`${local}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(local) && time >= FIRST_PHOTOGRAPH;
};

/** No photograph is older than 1826; `0000:00:00` is. */
const FIRST_PHOTOGRAPH = Date.UTC(1826, 0, 1);

const takenAt = (photo: Readonly<Record<string, unknown>>): string | null => {
  const local = digitsOf(photo['DateTimeOriginal']);
  if (local === undefined || !exists(local)) return null;
  const offset = photo['OffsetTimeOriginal'];
  return typeof offset === 'string' && OFFSET.test(offset) ? `${local}${offset}` : local;
};

const parse = (block: Buffer): ReturnType<typeof readExif> | undefined => {
  try {
    return readExif(block);
  } catch {
    // Broken EXIF says nothing about the picture, and never rejects it.
    return undefined;
  }
};

/**
 * What is worth keeping of an EXIF block: camera and time. Location is never looked at. `orientation` is the decoder's own;
 * values outside 1 to 8 count as 1. Never throws.
 */
export const exifFacts = (block: Buffer | undefined, orientation: number | undefined): Exif => {
  const tags = block === undefined ? undefined : parse(block);
  const image = (tags?.Image ?? {}) as Readonly<Record<string, unknown>>;
  const photo = (tags?.Photo ?? {}) as Readonly<Record<string, unknown>>;
  const isValid = orientation !== undefined && orientation >= 1 && orientation <= 8;
  return {
    takenAt: takenAt(photo),
    make: nameOf(image['Make']),
    model: nameOf(image['Model']),
    orientation: isValid ? orientation : 1,
  };
};
