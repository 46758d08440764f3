import { createDocumentClient, createSqsClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { ladder } from '@darkroom/types/ladder';
import { createIdsAfter, createStatesOf } from '../../adapters/catalogue-versions.ts';
import { createEnqueue } from '../../adapters/reprocess-queue.ts';
import { startReprocessConfigSchema } from '../../config.ts';
import { startReprocess, startReprocessSchema } from '../../core/start-reprocess.ts';

const config = loadConfig(startReprocessConfigSchema, process.env);
const logger = createLogger('pipeline');
const catalogue = { client: createDocumentClient(), table: config.CATALOGUE_TABLE };
const ports = {
  idsAfter: createIdsAfter(catalogue),
  statesOf: createStatesOf(catalogue),
  enqueue: createEnqueue(createSqsClient(), config.REPROCESS_QUEUE_URL),
  ladderRevision: ladder.revision,
};

/** For operators: `{ tenant, imageIds?, after?, maximum? }` → `{ examined, queued, next }`. */
export const handler = makeHandler({
  logger,
  input: startReprocessSchema,
  run: async (order, context) => {
    const started = await startReprocess({ ...ports, remainingMs: () => context.getRemainingTimeInMillis() }, order);
    logger.info('reprocessing started', { tenant: order.tenant, ...started });
    return started;
  },
});
