import { createS3Client } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createDeleteObject } from '../../adapters/s3-objects.ts';
import { purgeConfigSchema } from '../../config.ts';
import { imageDeletedEventSchema, purgeOriginal } from '../../core/purge-original.ts';

const { ORIGINALS_BUCKET: bucket } = loadConfig(purgeConfigSchema, process.env);
const deleteObject = createDeleteObject(createS3Client(), bucket);

/** `image.deleted` → the original's bytes are gone. */
export const handler = makeHandler({
  logger: createLogger('upload'),
  input: imageDeletedEventSchema,
  run: (event) => purgeOriginal({ bucket, deleteObject }, event),
});
