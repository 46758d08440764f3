import * as z from 'zod';

/** Environment of the `sweep` function. */
export const sweepConfigSchema = z.object({
  STAGE: z.string().min(1),
  CATALOGUE_TABLE: z.string().min(3),
  INGEST_QUEUE_URL: z.url(),
});
