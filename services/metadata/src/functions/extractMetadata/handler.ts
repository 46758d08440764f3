import { createS3Client } from '@darkroom/runtime/clients';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { ladder } from '@darkroom/types/ladder';
import { policyOf } from '@darkroom/types/policies';
import { metadataInputSchema } from '@darkroom/types/workflow';
import { createReadObject } from '../../adapters/decoder-objects.ts';
import { extractMetadata } from '../../core/extract/extract-metadata.ts';

const ports = {
  readObject: createReadObject(createS3Client()),
  gpsPolicyOf: (tenant: string) => policyOf(tenant).gps,
  ladderRevision: ladder.revision,
};

/** ExtractMetadata of the workflow: `{ task, header }` → what is in the picture. Throws ImageRejected. */
export const handler = makeHandler({
  logger: createLogger('metadata'),
  input: metadataInputSchema,
  run: (input) => extractMetadata(ports, input),
  expectedErrors: ['ImageRejected'],
});
