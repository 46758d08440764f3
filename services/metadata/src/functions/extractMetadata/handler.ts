import { createS3Client } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createReadObject } from '@darkroom/runtime/read-object';
import { ladder, previewWidthOf } from '@darkroom/types/ladder';
import { policyOf } from '@darkroom/types/policies';
import { metadataInputSchema } from '@darkroom/types/workflow';
import { createTagger } from '../../adapters/tagger.ts';
import { extractConfigSchema } from '../../config.ts';
import { extractMetadata } from '../../core/extract/extract-metadata.ts';

const { TAGGER } = loadConfig(extractConfigSchema, process.env);
const logger = createLogger('metadata');
const ports = {
  readObject: createReadObject(createS3Client()),
  gpsPolicyOf: (tenant: string) => policyOf(tenant).gps,
  ladderRevision: ladder.revision,
  previewWidth: previewWidthOf(ladder),
  tag: createTagger(TAGGER, (error) => logger.warn('image was not tagged', { error })),
};

/** ExtractMetadata of the workflow: `{ task, header }` → what is in the picture. Throws ImageRejected. */
export const handler = makeHandler({
  logger,
  input: metadataInputSchema,
  run: (input) => extractMetadata(ports, input),
  expectedErrors: ['ImageRejected'],
});
