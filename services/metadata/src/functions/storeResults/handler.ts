import { createDocumentClient, createEventBridgeClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger, createMetrics } from '@darkroom/runtime/observability';
import { limits } from '@darkroom/types/limits';
import { storeInputSchema } from '@darkroom/types/workflow';
import { createGetImage } from '../../adapters/catalogue-reads.ts';
import { createReleaseClaim, createSwapVersion, createWriteTerminal } from '../../adapters/catalogue-writes.ts';
import { createEmitEvent } from '../../adapters/event-bus.ts';
import { createRecordMeasures } from '../../adapters/metrics.ts';
import { createDeletePostings, createWritePostings } from '../../adapters/postings.ts';
import { storeConfigSchema } from '../../config.ts';
import { storeResults } from '../../core/store-results.ts';

const { STAGE, CATALOGUE_TABLE: table, TERMS_TABLE } = loadConfig(storeConfigSchema, process.env);
const client = createDocumentClient();
const getImage = createGetImage(client, table);
const writes = { client, table, getImage };
const postings = { client, table: TERMS_TABLE };
const metrics = createMetrics('metadata', STAGE);
const ports = {
  writeTerminal: createWriteTerminal(writes),
  release: createReleaseClaim(writes),
  swapVersion: createSwapVersion(writes),
  getImage,
  writePostings: createWritePostings(postings),
  deletePostings: createDeletePostings(postings),
  emit: createEmitEvent(createEventBridgeClient(), STAGE),
  record: createRecordMeasures(metrics),
  now: Date.now,
  maxAttempts: limits.pipeline.maxAttempts,
};

/** StoreResults of the state machine. */
export const handler = makeHandler({
  logger: createLogger('metadata'),
  metrics,
  input: storeInputSchema,
  run: (input) => storeResults(ports, input),
});
