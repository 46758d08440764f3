import { createS3Client } from '@darkroom/runtime/clients';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { ladder } from '@darkroom/types/ladder';
import { metadataInputSchema } from '@darkroom/types/workflow';
import { createReadOriginal } from '../../adapters/decoder-originals.ts';
import { extractMetadata } from '../../core/extract/extract-metadata.ts';

const readOriginal = createReadOriginal(createS3Client());

/** ExtractMetadata of the workflow: `{ task, header }` → what is in the picture. Throws ImageRejected. */
export const handler = makeHandler({
  logger: createLogger('metadata'),
  input: metadataInputSchema,
  run: (input) => extractMetadata({ readOriginal, ladderRevision: ladder.revision }, input),
  expectedErrors: ['ImageRejected'],
});
