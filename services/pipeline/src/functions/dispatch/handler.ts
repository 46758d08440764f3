import { createDocumentClient, createS3Client, createSfnClient, createSqsClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger, createMetrics, MetricUnit } from '@darkroom/runtime/observability';
import { limits } from '@darkroom/types/limits';
import { metricNames } from '@darkroom/types/metrics';
import { createClaimImage } from '../../adapters/catalogue-claims.ts';
import { createDelayMessage } from '../../adapters/message-delay.ts';
import { createDiscardOriginal, createHeadOriginal } from '../../adapters/original-head.ts';
import { messagesOf, sqsEventSchema } from '../../adapters/sqs-event.ts';
import { createRunWorkflow } from '../../adapters/workflow-runner.ts';
import { dispatchConfigSchema } from '../../config.ts';
import { type DispatchPorts, dispatch } from '../../core/dispatch.ts';

const config = loadConfig(dispatchConfigSchema, process.env);
const logger = createLogger('pipeline');
const metrics = createMetrics('pipeline', config.STAGE);
const leaseMs = limits.pipeline.leaseSeconds * 1000;
const s3 = createS3Client();
const ports: DispatchPorts = {
  head: createHeadOriginal(s3),
  discard: createDiscardOriginal(s3),
  claim: createClaimImage({ client: createDocumentClient(), table: config.CATALOGUE_TABLE, leaseMs }),
  runWorkflow: createRunWorkflow(createSfnClient(), config.STATE_MACHINE_ARN),
  delay: createDelayMessage(createSqsClient(), config.INGEST_QUEUE_URL),
  countRejected: (messages) => void metrics.addMetric(metricNames.messagesRejected, MetricUnit.Count, messages),
  now: Date.now,
  tell: (level, message, details) => logger[level](message, details),
  defaultTenant: config.DEFAULT_TENANT,
  originalsBucket: config.ORIGINALS_BUCKET,
};

/** Ingest queue → claim → state machine. */
export const handler = makeHandler({
  logger,
  metrics,
  input: sqsEventSchema,
  run: (event) => dispatch(ports, messagesOf(event)),
});
