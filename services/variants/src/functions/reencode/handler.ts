import { createDocumentClient, createS3Client, createSqsClient, createSsmClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createSecretReader } from '@darkroom/runtime/secret';
import { createReadObject } from '@darkroom/runtime/read-object';
import { ladder } from '@darkroom/types/ladder';
import { prices } from '@darkroom/types/prices';
import * as z from 'zod';
import { createFindImage } from '../../adapters/catalogue.ts';
import { createReceiveHot, createRemoveHot } from '../../adapters/heat-queue.ts';
import { createDeleteVariant, createHeadVariant, createReplaceVariant } from '../../adapters/s3-variants.ts';
import { reencodeConfigSchema } from '../../config.ts';
import { drainHeat } from '../../core/drain-heat.ts';
import { type ReencodePorts, reencode } from '../../core/reencode.ts';

const config = loadConfig(reencodeConfigSchema, process.env);
const logger = createLogger('variants');
const s3 = createS3Client();
const sqs = createSqsClient();
const tableName = createSecretReader(createSsmClient(), config.CATALOGUE_TABLE_PARAMETER);
const ports: ReencodePorts = {
  findImage: createFindImage(createDocumentClient(), tableName),
  readOriginal: createReadObject(s3),
  headVariant: createHeadVariant(s3, config.VARIANTS_BUCKET),
  replaceVariant: createReplaceVariant(s3, config.VARIANTS_BUCKET),
  deleteVariant: createDeleteVariant(s3, config.VARIANTS_BUCKET),
  ladder,
  effort: prices.reencode.effort,
  qualityOffset: prices.reencode.qualityOffset,
};

/** Off-peak schedule → the heat queue is worked off, within the function's time. */
export const handler = makeHandler({
  logger,
  // Whatever the schedule sends: only the time matters.
  input: z.unknown(),
  run: (_event, context) =>
    drainHeat({
      receive: createReceiveHot(sqs, config.HEAT_QUEUE_URL),
      remove: createRemoveHot(sqs, config.HEAT_QUEUE_URL),
      reencode: (key) => reencode(ports, key),
      remainingMs: () => context.getRemainingTimeInMillis(),
      tell: (level, message, details) => logger[level](message, details),
    }),
});
