import type { Place } from '@darkroom/types/image';
import type { Policy } from '@darkroom/types/policies';
import type { Tiff } from './tiff.ts';

/** EXIF 2.32, table 15. */
const LATITUDE_REF = 0x0001;
const LATITUDE = 0x0002;
const LONGITUDE_REF = 0x0003;
const LONGITUDE = 0x0004;

/** Decimals of a degree: one is 11 km, six are 11 cm, which no camera knows better. */
const DECIMALS = { coarse: 1, keep: 6 } as const;

/** Degrees, minutes and seconds as degrees; undefined when they are none, or out of range. */
const degrees = ([whole, minutes = 0, seconds = 0]: readonly number[], max: number): number | undefined => {
  const value = (whole ?? Number.NaN) + minutes / 60 + seconds / 3_600;
  return value <= max ? value : undefined;
};

/** Tags of one coordinate, the letters of its two sides, and its largest value in degrees. */
interface Coordinate {
  readonly value: number;
  readonly side: number;
  readonly sides: readonly [plus: string, minus: string];
  readonly max: number;
}

const signed = (tiff: Tiff, { value, side, sides, max }: Coordinate): number | undefined => {
  const location = tiff.location();
  const letter = tiff.text(location, side)?.trim().toUpperCase() ?? '';
  const angle = sides.includes(letter) ? degrees(tiff.numbers(location, value), max) : undefined;
  return angle !== undefined && letter === sides[1] ? -angle : angle;
};

/**
 * Where the photograph was taken, as the tenant's policy wants it. With `drop` the location is not even looked at. Undefined
 * when it is not known: half of it, out of range, or 0° 0° in the sea, which receivers write that have seen no satellite.
 */
export const placeOf = (tiff: Tiff | undefined, policy: Policy['gps']): Place | undefined => {
  if (tiff === undefined || policy === 'drop') return undefined;
  const latitude = signed(tiff, { value: LATITUDE, side: LATITUDE_REF, sides: ['N', 'S'], max: 90 });
  const longitude = signed(tiff, { value: LONGITUDE, side: LONGITUDE_REF, sides: ['E', 'W'], max: 180 });
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0)) return undefined;
  // Adding 0 makes 0 of -0.
  const rounded = (value: number) => Number(value.toFixed(DECIMALS[policy])) + 0;
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
};
