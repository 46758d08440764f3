import { createDocumentClient, createS3Client, createSqsClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { prices } from '@darkroom/types/prices';
import { createClaimStep, createCountView, createMarkQueued } from '../../adapters/counters.ts';
import { createSendHot } from '../../adapters/heat-queue.ts';
import { createReadLog } from '../../adapters/log-files.ts';
import { countViewsConfigSchema } from '../../config.ts';
import { countLogs } from '../../core/count-logs.ts';
import { queueEventSchema } from '../../core/log-messages.ts';

const config = loadConfig(countViewsConfigSchema, process.env);
const logger = createLogger('variants');
const counters = { client: createDocumentClient(), table: config.DEMAND_TABLE, now: Date.now };
const ports = {
  readLog: createReadLog(createS3Client()),
  claimStep: createClaimStep(counters),
  countView: createCountView(counters),
  markQueued: createMarkQueued(counters),
  sendHot: createSendHot(createSqsClient(), config.HEAT_QUEUE_URL),
  prices,
  sample: config.VIEW_SAMPLE,
  tell: (level: 'info' | 'warn' | 'error', message: string, details: Readonly<Record<string, unknown>>) =>
    logger[level](message, details),
};

/** Access logs of the edge → counters of views → heat queue. */
export const handler = makeHandler({ logger, input: queueEventSchema, run: (event) => countLogs(ports, event) });
