import {
  type Authenticator,
  createHttpApp,
  type HttpContext,
  type HttpEnv,
  parseRequest,
  readJson,
} from '@darkroom/runtime/http';
import type { Logger } from '@darkroom/runtime/observability';
import { signToken } from '@darkroom/runtime/tokens';
import { signChunksRequestSchema, signPartsRequestSchema } from '@darkroom/types/api';
import { limits } from '@darkroom/types/limits';
import type { Hono } from 'hono';
import * as z from 'zod';
import { announcementSchema, type CreateUploadPorts, createUpload } from '../../core/create-upload.ts';
import { instructionsFor, requireParts, signParts } from '../../core/instructions.ts';
import { listStoredParts } from '../../core/list-parts.ts';
import type { UploadPolicy } from '../../core/policy.ts';
import { signMoreChunks, type SignChunksPorts } from '../../core/sign-chunks.ts';
import { uploadStatus } from '../../core/upload-status.ts';
import type { Clock, NewId, UploadStore } from '../../ports.ts';

export interface ApiDeps {
  readonly logger: Logger;
  readonly auth: Authenticator;
  /** The secret that signs upload tokens. */
  readonly secret: () => Promise<string>;
  readonly store: UploadStore;
  readonly policy: UploadPolicy;
  readonly now: Clock;
  readonly newId: NewId;
  /** Called once for every upload that was granted. */
  readonly countUpload: () => void;
}

const listPartsQuerySchema = z.strictObject({
  after: z.coerce.number().pipe(z.int().min(0).max(10_000)).default(0),
});

/** The REST API of uploads but for their completion: each route knows the caller, parses the request and hands over to core. */
export const createApp = (deps: ApiDeps): Hono<HttpEnv> => {
  const { auth, store, policy, now, newId, logger } = deps;
  const signing: SignChunksPorts & Pick<UploadStore, 'signPost'> = {
    ...store,
    policy,
    now,
    validate: limits.validate,
    onUnreadable: (error) => logger.warn('first bytes not judged', { error }),
  };
  const claimsOf = (c: HttpContext) => auth.upload(c, c.req.param('id') ?? '');
  const app = createHttpApp(logger);

  app.get('/health', (c) => c.json({ status: 'ok', service: 'upload' }));

  app.post('/uploads', async (c) => {
    const caller = await auth.access(c, 'upload');
    const request = await readJson(c, announcementSchema);
    const secret = await deps.secret();
    const ports: CreateUploadPorts = { ...signing, newId, signToken: (claims) => signToken(claims, secret) };
    const created = await createUpload(ports, caller, request);
    deps.countUpload();
    return c.json(created, 201);
  });

  app.get('/uploads/:id', async (c) => c.json(await uploadStatus(store, await claimsOf(c))));

  app.post('/uploads/:id/sign', async (c) => c.json({ upload: await instructionsFor(signing, await claimsOf(c)) }));

  app.post('/uploads/:id/chunks', async (c) => {
    const claims = await claimsOf(c);
    return c.json(await signMoreChunks(signing, claims, await readJson(c, signChunksRequestSchema)));
  });

  app.post('/uploads/:id/parts', async (c) => {
    const upload = requireParts(await claimsOf(c));
    const { partNumbers } = await readJson(c, signPartsRequestSchema);
    return c.json(await signParts(signing, upload, partNumbers));
  });

  app.get('/uploads/:id/parts', async (c) => {
    const claims = await claimsOf(c);
    const { after } = parseRequest(listPartsQuerySchema, c.req.query(), 'query');
    return c.json(await listStoredParts(store, claims, after));
  });

  app.delete('/uploads/:id', async (c) => {
    await store.deleteChunks((await claimsOf(c)).imageId);
    return c.body(null, 204);
  });

  return app;
};
