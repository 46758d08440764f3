import * as z from 'zod';

/** Environment of renderFamily and purgeVariants. */
export const bucketConfigSchema = z.object({
  /** Bucket that renditions are stored in. */
  VARIANTS_BUCKET: z.string().min(3),
});

/** Environment of renderVariant. */
export const renderVariantConfigSchema = bucketConfigSchema.extend({
  /** SSM parameter that holds the catalogue table's name; read at run time, because the table's stack is deployed later. */
  CATALOGUE_TABLE_PARAMETER: z.string().startsWith('/'),
  /** Table of leases and counters of views. */
  DEMAND_TABLE: z.string().min(3),
});
