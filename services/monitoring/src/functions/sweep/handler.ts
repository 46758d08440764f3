import { createDocumentClient, createEventBridgeClient, createSqsClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger, createMetrics } from '@darkroom/runtime/observability';
import { limits } from '@darkroom/types/limits';
import * as z from 'zod';
import { createEmitEvent } from '../../adapters/event-bus.ts';
import { createRedrive } from '../../adapters/ingest-queue.ts';
import { createDropLease, createFindExpired, createMoveLease, createWriteFailed } from '../../adapters/lease-index.ts';
import { recordTally } from '../../adapters/metrics.ts';
import { sweepConfigSchema } from '../../config.ts';
import { runSweep } from '../../core/run-sweep.ts';
import type { SweepPorts } from '../../core/sweep.ts';

const config = loadConfig(sweepConfigSchema, process.env);
const logger = createLogger('monitoring');
const metrics = createMetrics('monitoring', config.STAGE);
const leases = { client: createDocumentClient(), table: config.CATALOGUE_TABLE };
const ports: SweepPorts = {
  findExpired: createFindExpired(leases, (imageId, error) => logger.error('malformed record', { imageId, error })),
  moveLease: createMoveLease(leases),
  writeFailed: createWriteFailed(leases),
  dropLease: createDropLease(leases),
  redrive: createRedrive(createSqsClient(), config.INGEST_QUEUE_URL),
  emit: createEmitEvent(createEventBridgeClient(), config.STAGE),
  now: Date.now,
  tell: (level, message, details) => logger[level](message, details),
  maxAttempts: limits.pipeline.maxAttempts,
};

/** Every minute: finds images that nobody works on any more. */
export const handler = makeHandler({
  logger,
  metrics,
  // The schedule's event says nothing that matters.
  input: z.unknown(),
  run: () => runSweep(ports, (tally) => recordTally(metrics, tally)),
});
