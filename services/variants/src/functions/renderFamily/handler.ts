import { createS3Client } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createReadObject } from '@darkroom/runtime/read-object';
import { ladder } from '@darkroom/types/ladder';
import { variantsInputSchema } from '@darkroom/types/workflow';
import { createPutVariant } from '../../adapters/s3-variants.ts';
import { bucketConfigSchema } from '../../config.ts';
import { renderFamily } from '../../core/render-family.ts';

const config = loadConfig(bucketConfigSchema, process.env);
const s3 = createS3Client();
const ports = {
  readOriginal: createReadObject(s3),
  putVariant: createPutVariant(s3, config.VARIANTS_BUCKET),
  ladder,
};

/** One family of renditions of the workflow: `{ task, header, metadata, family }` → its variants. Throws ImageRejected. */
export const handler = makeHandler({
  logger: createLogger('variants'),
  input: variantsInputSchema,
  run: (input) => renderFamily(ports, input),
  expectedErrors: ['ImageRejected'],
});
