import * as z from 'zod';

/** Environment of renderFamily and purgeVariants. */
export const bucketConfigSchema = z.object({
  /** Bucket that renditions are stored in. */
  VARIANTS_BUCKET: z.string().min(3),
});

/** Environment of countViews. */
export const countViewsConfigSchema = z.object({
  DEMAND_TABLE: z.string().min(3),
  HEAT_QUEUE_URL: z.url(),
  /** Of so many views one is counted, as so many. */
  VIEW_SAMPLE: z.coerce.number().pipe(z.int().min(1).max(1000)),
});

/** Environment of renderVariant. */
export const renderVariantConfigSchema = bucketConfigSchema.extend({
  /** SSM parameter that holds the catalogue table's name; read at run time, because the table's stack is deployed later. */
  CATALOGUE_TABLE_PARAMETER: z.string().startsWith('/'),
  /** Table of leases and counters of views. */
  DEMAND_TABLE: z.string().min(3),
});

/** Environment of reencode. */
export const reencodeConfigSchema = bucketConfigSchema.extend({
  CATALOGUE_TABLE_PARAMETER: z.string().startsWith('/'),
  HEAT_QUEUE_URL: z.url(),
});
