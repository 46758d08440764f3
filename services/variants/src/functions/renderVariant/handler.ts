import { setTimeout as sleep } from 'node:timers/promises';
import { createDocumentClient, createS3Client, createSsmClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { createLogger } from '@darkroom/runtime/observability';
import { createSecretReader } from '@darkroom/runtime/secret';
import { streamingHttpHandler } from '@darkroom/runtime/streaming';
import { createReadObject } from '@darkroom/runtime/read-object';
import { ladder } from '@darkroom/types/ladder';
import { createFindImage } from '../../adapters/catalogue.ts';
import { createReleaseLease, createTakeLease } from '../../adapters/leases.ts';
import { createDeleteVariant, createReadVariant, createStoreNewVariant } from '../../adapters/s3-variants.ts';
import { renderVariantConfigSchema } from '../../config.ts';
import { coalesce } from '../../core/coalesce.ts';
import { type RenderVariantPorts, renderVariant } from '../../core/render-variant.ts';
import { createApp } from './app.ts';

const config = loadConfig(renderVariantConfigSchema, process.env);
const logger = createLogger('variants');
const s3 = createS3Client();
const client = createDocumentClient();
const leases = { client, table: config.DEMAND_TABLE, now: Date.now };
// The table's name is no secret; the reader remembers it for five minutes all the same.
const tableName = createSecretReader(createSsmClient(), config.CATALOGUE_TABLE_PARAMETER);
const ports: RenderVariantPorts = {
  findImage: createFindImage(client, tableName),
  readOriginal: createReadObject(s3),
  readVariant: createReadVariant(s3, config.VARIANTS_BUCKET),
  storeNewVariant: createStoreNewVariant(s3, config.VARIANTS_BUCKET),
  deleteVariant: createDeleteVariant(s3, config.VARIANTS_BUCKET),
  takeLease: createTakeLease(leases),
  releaseLease: createReleaseLease(leases),
  now: Date.now,
  sleep,
  random: Math.random,
  tell: (level, message, details) => logger[level](message, details),
  ladder,
};

/** A rendition that is not stored yet, behind CloudFront: made once, stored, and answered as a stream. */
export const handler = streamingHttpHandler(
  createApp(
    logger,
    coalesce((key) => renderVariant(ports, key)),
  ),
);
