import { type Authenticator, createHttpApp, type HttpEnv, parseRequest, readJson } from '@darkroom/runtime/http';
import type { Logger } from '@darkroom/runtime/observability';
import { completeChunksRequestSchema, completeUploadRequestSchema } from '@darkroom/types/api';
import type { Hono } from 'hono';
import * as z from 'zod';
import type { AssemblePorts } from '../../core/assemble.ts';
import { completeChunks, completeParts } from '../../core/complete-upload.ts';
import type { ChunkStore } from '../../ports.ts';

export interface CompleteDeps {
  readonly logger: Logger;
  readonly auth: Authenticator;
  readonly store: ChunkStore;
}

/** Told apart by `parts` before it is parsed, so that a wrong field is named instead of "neither of two". */
const eitherSchema = z.looseObject({});

/** `POST /uploads/{id}/complete`, for uploads in parts and in chunks. */
export const createCompleteApp = ({ logger, auth, store }: CompleteDeps): Hono<HttpEnv> => {
  const app = createHttpApp(logger);
  const ports: AssemblePorts = {
    ...store,
    onLeftBehind: (error) => logger.warn('chunks left behind', { error }),
  };
  app.post('/uploads/:id/complete', async (c) => {
    const claims = await auth.upload(c, c.req.param('id'));
    const body = await readJson(c, eitherSchema);
    const { etag } = await ('parts' in body
      ? completeParts(ports, claims, parseRequest(completeUploadRequestSchema, body, 'body').parts)
      : completeChunks(ports, claims, parseRequest(completeChunksRequestSchema, body, 'body')));
    return c.json({ imageId: claims.imageId, etag });
  });
  return app;
};
