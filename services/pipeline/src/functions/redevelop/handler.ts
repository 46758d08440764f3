import { createDocumentClient, createSfnClient, createSqsClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { ladder } from '@darkroom/types/ladder';
import { createFindImage } from '../../adapters/catalogue-versions.ts';
import { createDelayMessage } from '../../adapters/message-delay.ts';
import { messagesOf, sqsEventSchema } from '../../adapters/sqs-event.ts';
import { createRunWorkflow } from '../../adapters/workflow-runner.ts';
import { redevelopConfigSchema } from '../../config.ts';
import { type RedevelopPorts, redevelop } from '../../core/redevelop.ts';

const config = loadConfig(redevelopConfigSchema, process.env);
const logger = createLogger('pipeline');
const ports: RedevelopPorts = {
  findImage: createFindImage({ client: createDocumentClient(), table: config.CATALOGUE_TABLE }),
  runWorkflow: createRunWorkflow(createSfnClient(), config.REPROCESS_MACHINE_ARN),
  delay: createDelayMessage(createSqsClient(), config.REPROCESS_QUEUE_URL),
  tell: (level, message, details) => logger[level](message, details),
  ladderRevision: ladder.revision,
};

/** Reprocess queue → state machine of redevelopment. */
export const handler = makeHandler({
  logger,
  input: sqsEventSchema,
  run: (event) => redevelop(ports, messagesOf(event)),
});
