import { createS3Client } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createDeleteVariants } from '../../adapters/s3-variants.ts';
import { bucketConfigSchema } from '../../config.ts';
import { purgeEventSchema, purgeVariants } from '../../core/purge-variants.ts';

const config = loadConfig(bucketConfigSchema, process.env);
const deleteVariants = createDeleteVariants(createS3Client(), config.VARIANTS_BUCKET);

/** `image.deleted` → all renditions of the image are gone; `image.ready` → those of the version that it replaces. */
export const handler = makeHandler({
  logger: createLogger('variants'),
  input: purgeEventSchema,
  run: (event) => purgeVariants({ deleteVariants }, event),
});
