import type { Capture } from '@darkroom/types/image';
import { cleanText } from './text.ts';
import type { Tiff } from './tiff.ts';
import type { XmpTexts } from './xmp.ts';

/** EXIF 2.32, tables 7 and 8. */
const EXPOSURE_TIME = 0x829a;
const F_NUMBER = 0x829d;
const SENSITIVITY = 0x8827;
const STANDARD_OUTPUT_SENSITIVITY = 0x8831;
const RECOMMENDED_EXPOSURE_INDEX = 0x8832;
const FLASH = 0x9209;
const FOCAL_LENGTH = 0x920a;
const FOCAL_LENGTH_35 = 0xa405;
const LENS_SPECIFICATION = 0xa432;
const LENS_MODEL = 0xa434;

/** Longest name of a lens kept, in characters; the contract's limit. */
const MAX_NAME = 64;
/** What no camera goes beyond: an exposure of a day, in seconds; twice the ISO of the most sensitive sensor; a telescope, in mm. */
const MAX_EXPOSURE = 86_400;
const MAX_F_NUMBER = 1_000;
const MAX_ISO = 10_000_000;
const MAX_FOCAL_LENGTH = 100_000;
/** What `SENSITIVITY`, of 16 bits, says when the truth is larger and in another tag. */
const BEYOND_16_BITS = 65_535;

/** Digits that a fraction of a camera means: 10/300 is 0.0333333. */
const DIGITS = 6;

/** A number above 0 and up to `max`; null for everything else, NaN included. */
const within = (value: number | undefined, max: number): number | null => {
  const rounded = Number((value ?? 0).toPrecision(DIGITS));
  return rounded > 0 && rounded <= max ? rounded : null;
};

/** `24-70mm f/2.8` or `50mm f/1.8`, from shortest and longest focal length and the widest aperture at each; undefined without. */
const specified = ([short, long, wide, wideAtLong]: readonly number[]): string | undefined => {
  const [from, to] = [within(short, MAX_FOCAL_LENGTH), within(long, MAX_FOCAL_LENGTH)];
  if (from === null || to === null) return undefined;
  const apertures = [...new Set([wide, wideAtLong].map((value) => within(value, MAX_F_NUMBER)))].filter(
    (value) => value !== null,
  );
  const reach = from === to ? `${from}mm` : `${from}-${to}mm`;
  return apertures.length === 0 ? reach : `${reach} f/${apertures.join('-')}`;
};

const isoOf = (numbers: (tag: number) => readonly number[]): number | null => {
  const [plain] = numbers(SENSITIVITY);
  const tags = [RECOMMENDED_EXPOSURE_INDEX, STANDARD_OUTPUT_SENSITIVITY];
  const larger =
    plain === undefined || plain >= BEYOND_16_BITS ? tags.flatMap(numbers).find((value) => value > 0) : undefined;
  const iso = within(larger ?? plain, MAX_ISO);
  return iso === null ? null : Math.max(1, Math.round(iso));
};

/**
 * How a photograph was taken, from EXIF, and the lens from XMP where EXIF is silent. Undefined when neither says anything;
 * what is nonsense (a fraction over 0, an ISO of 0) is null. Never throws.
 */
export const captureFacts = (tiff: Tiff | undefined, xmp: XmpTexts): Capture | undefined => {
  const numbers = (tag: number) => tiff?.numbers(tiff.photo, tag) ?? [];
  const [flash] = numbers(FLASH);
  const lens =
    tiff?.text(tiff.photo, LENS_MODEL) ??
    xmp.get('lensModel')?.[0] ??
    xmp.get('lens')?.[0] ??
    specified(numbers(LENS_SPECIFICATION));
  const capture: Capture = {
    lens: cleanText(lens, MAX_NAME),
    exposureSeconds: within(numbers(EXPOSURE_TIME)[0], MAX_EXPOSURE),
    fNumber: within(numbers(F_NUMBER)[0], MAX_F_NUMBER),
    iso: isoOf(numbers),
    focalLength: within(numbers(FOCAL_LENGTH)[0], MAX_FOCAL_LENGTH),
    focalLength35: within(numbers(FOCAL_LENGTH_35)[0], MAX_FOCAL_LENGTH),
    // The lowest bit: it fired.
    flash: flash === undefined ? null : (flash & 1) === 1,
  };
  return Object.values(capture).every((value) => value === null) ? undefined : capture;
};
