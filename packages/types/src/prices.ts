import * as z from 'zod';
import data from '../data/prices.json' with { type: 'json' };

const dollars = z.number().positive();

export const pricesSchema = z.strictObject({
  /** Whose list prices these are. */
  region: z.string(),
  /** Dollars for a gigabyte-second on arm64, and for a request. */
  lambda: z.strictObject({ gbSecond: dollars, request: dollars }),
  /** Dollars a request. */
  s3: z.strictObject({ put: dollars, get: dollars }),
  sqs: z.strictObject({ request: dollars }),
  /** Dollars for a gigabyte (10^9 bytes) that viewers are sent. Falls with volume to 0.020. */
  cloudFront: z.strictObject({ gigabyte: dollars }),
  /** What coding an AVIF with high effort costs and brings, measured; see the README of services/variants. */
  reencode: z.strictObject({
    /** libaom's effort, 0 to 9. */
    effort: z.int().min(0).max(9),
    /** Added to AVIF's quality with it: high effort is more like the original at the same number, which is not what is wanted. */
    qualityOffset: z.int().min(-10).max(0),
    /** Seconds of one core for a megapixel. */
    secondsPerMegapixel: z.number().positive(),
    /** Share of the bytes that it saves at the same similarity. */
    savedShare: z.number().gt(0).lt(1),
  }),
});
export type Prices = z.infer<typeof pricesSchema>;

/** All prices, from `data/prices.json`. Throws at import when the file is malformed. */
export const prices: Prices = pricesSchema.parse(data);
