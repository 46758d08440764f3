import { tenantSchema } from '@darkroom/types/ids';
import * as z from 'zod';

/** Environment of the `dispatch` function. */
export const dispatchConfigSchema = z.object({
  STAGE: z.string().min(1),
  CATALOGUE_TABLE: z.string().min(3),
  /** The one bucket whose objects are images; a notification about any other is refused. */
  ORIGINALS_BUCKET: z.string().min(3),
  STATE_MACHINE_ARN: z.string().startsWith('arn:'),
  INGEST_QUEUE_URL: z.url(),
  /** Whose an image is when its object names no tenant: it was not put there by the upload API. */
  DEFAULT_TENANT: tenantSchema,
});

/** Environment of the `startReprocess` function. */
export const startReprocessConfigSchema = z.object({
  CATALOGUE_TABLE: z.string().min(3),
  REPROCESS_QUEUE_URL: z.url(),
});

/** Environment of the `redevelop` function. */
export const redevelopConfigSchema = startReprocessConfigSchema.extend({
  REPROCESS_MACHINE_ARN: z.string().startsWith('arn:'),
});
