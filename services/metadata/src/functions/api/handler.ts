import { createDocumentClient, createEventBridgeClient, createSsmClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { createAuthenticator, httpHandler } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { createSecretReader } from '@darkroom/runtime/secret';
import { createGetImage, createGetImages, createQueryIds } from '../../adapters/catalogue-reads.ts';
import { createWriteReview } from '../../adapters/catalogue-review.ts';
import { createBuryImage } from '../../adapters/catalogue-writes.ts';
import { createEmitEvent } from '../../adapters/event-bus.ts';
import { createDeletePostings, createQueryPostings } from '../../adapters/postings.ts';
import { orUnavailable } from '../../adapters/unavailable.ts';
import { apiConfigSchema } from '../../config.ts';
import { createApp } from './app.ts';

const config = loadConfig(apiConfigSchema, process.env);
const logger = createLogger('metadata');
const client = createDocumentClient();
const table = config.CATALOGUE_TABLE;
const postings = { client, table: config.TERMS_TABLE };
const onMalformed = (error: Error) => logger.error('a record was left out of a list', { error });

export const handler = httpHandler(
  createApp({
    logger,
    auth: createAuthenticator(createSecretReader(createSsmClient(), config.TOKEN_SECRET_PARAMETER), Date.now),
    cdnUrl: config.CDN_URL,
    getImage: orUnavailable(createGetImage(client, table)),
    getImages: orUnavailable(createGetImages(client, table, onMalformed)),
    queryIds: orUnavailable(createQueryIds(client, table)),
    writeReview: orUnavailable(createWriteReview(client, table)),
    queryPostings: orUnavailable(createQueryPostings(postings)),
    deletePostings: orUnavailable(createDeletePostings(postings)),
    bury: orUnavailable(createBuryImage(client, table)),
    emit: orUnavailable(createEmitEvent(createEventBridgeClient(), config.STAGE)),
    now: Date.now,
  }),
);
