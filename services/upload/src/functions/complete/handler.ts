import { createS3Client, createSsmClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { createAuthenticator, httpHandler } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { createSecretReader } from '@darkroom/runtime/secret';
import { createChunkStore } from '../../adapters/s3-chunks.ts';
import { completeConfigSchema } from '../../config.ts';
import { createCompleteApp } from './app.ts';

const config = loadConfig(completeConfigSchema, process.env);
const secret = createSecretReader(createSsmClient(), config.TOKEN_SECRET_PARAMETER);

export const handler = httpHandler(
  createCompleteApp({
    logger: createLogger('upload'),
    auth: createAuthenticator(secret, Date.now),
    store: createChunkStore(createS3Client(), config.ORIGINALS_BUCKET),
  }),
);
