import { createDocumentClient, createS3Client, createSsmClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { httpHandler } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { createSecretReader } from '@darkroom/runtime/secret';
import { ladder } from '@darkroom/types/ladder';
import { createFindImage } from '../../adapters/catalogue.ts';
import { createReadOriginal } from '../../adapters/s3-originals.ts';
import { createDeleteVariant, createPutVariant } from '../../adapters/s3-variants.ts';
import { renderVariantConfigSchema } from '../../config.ts';
import { createApp } from './app.ts';

const config = loadConfig(renderVariantConfigSchema, process.env);
const s3 = createS3Client();
// The table's name is no secret; the reader remembers it for five minutes all the same.
const tableName = createSecretReader(createSsmClient(), config.CATALOGUE_TABLE_PARAMETER);

/** A rendition that is not stored yet, behind CloudFront: made, stored and answered. */
export const handler = httpHandler(
  createApp(createLogger('variants'), {
    findImage: createFindImage(createDocumentClient(), tableName),
    readOriginal: createReadOriginal(s3),
    putVariant: createPutVariant(s3, config.VARIANTS_BUCKET),
    deleteVariant: createDeleteVariant(s3, config.VARIANTS_BUCKET),
    ladder,
  }),
);
