import type { Tier } from '@darkroom/types/ladder';
import type { Prices } from '@darkroom/types/prices';

/** Memory of the function that codes with high effort, in gigabytes; functions.yml says the same. */
export const REENCODE_GB = 2;
/** A photograph's usual height for its width: 4 to 3. A log does not tell the sides of what was sent. */
const USUAL_ASPECT = 3 / 4;

/** Megapixels of a rendition of this width, in pixels, of a photograph of the usual shape, or cut to a square. */
export const usualMegapixels = (width: number, tier: Tier = 'n'): number =>
  (width * width * (tier === 's' ? 1 : USUAL_ASPECT)) / 1_000_000;

/** Dollars for coding a rendition of so many megapixels again, with everything that it takes: message, reads, write, compute. */
export const reencodeCost = (
  megapixels: number,
  { lambda, s3, sqs, reencode }: Prices,
  gigabytes = REENCODE_GB,
): number =>
  megapixels * reencode.secondsPerMegapixel * gigabytes * lambda.gbSecond + s3.put + 2 * s3.get + 3 * sqs.request;

/** Dollars that so many bytes would have cost less, had the rendition been coded with high effort before they were sent. */
export const savedBy = (bytes: number, { cloudFront, reencode }: Prices): number =>
  bytes * reencode.savedShare * (cloudFront.gigabyte / 1e9);

/**
 * True when what viewers were sent of a rendition would have paid for its better coding. What was seen so often in a week
 * is taken to be seen as often again.
 */
export const isHot = ({ bytes, width, tier }: { bytes: number; width: number; tier: Tier }, prices: Prices): boolean =>
  savedBy(bytes, prices) >= reencodeCost(usualMegapixels(width, tier), prices);
