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
import { completeUploadRequestSchema, signPartsRequestSchema } from '@darkroom/types/api';
import type { Hono } from 'hono';
import * as z from 'zod';
import { completeUpload } from '../../core/complete-upload.ts';
import { announcementSchema, type CreateUploadPorts, createUpload } from '../../core/create-upload.ts';
import { instructionsFor, multipartOf, requireMultipart, type Signing, signParts } from '../../core/instructions.ts';
import { listStoredParts } from '../../core/list-parts.ts';
import type { UploadPolicy } from '../../core/policy.ts';
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

/** The REST API of uploads: each route knows the caller, parses the request and hands over to core. */
export const createApp = (deps: ApiDeps): Hono<HttpEnv> => {
  const { auth, store, policy, now, newId } = deps;
  const signing: Signing = { signPost: store.signPost, signPart: store.signPart, policy, now };
  const claimsOf = (c: HttpContext) => auth.upload(c, c.req.param('id') ?? '');
  const app = createHttpApp(deps.logger);

  app.get('/health', (c) => c.json({ status: 'ok', service: 'upload' }));

  app.post('/uploads', async (c) => {
    const caller = await auth.access(c, 'upload');
    const request = await readJson(c, announcementSchema);
    const secret = await deps.secret();
    const ports: CreateUploadPorts = {
      ...signing,
      open: store.open,
      newId,
      signToken: (claims) => signToken(claims, secret),
    };
    const created = await createUpload(ports, caller, request);
    deps.countUpload();
    return c.json(created, 201);
  });

  app.post('/uploads/:id/sign', async (c) => c.json({ upload: await instructionsFor(signing, await claimsOf(c)) }));

  app.post('/uploads/:id/parts', async (c) => {
    const upload = requireMultipart(await claimsOf(c));
    const { partNumbers } = await readJson(c, signPartsRequestSchema);
    return c.json(await signParts(signing, upload, partNumbers));
  });

  app.get('/uploads/:id/parts', async (c) => {
    const upload = requireMultipart(await claimsOf(c));
    const { after } = parseRequest(listPartsQuerySchema, c.req.query(), 'query');
    return c.json(await listStoredParts(store, upload, after));
  });

  app.post('/uploads/:id/complete', async (c) => {
    const upload = requireMultipart(await claimsOf(c));
    const { parts } = await readJson(c, completeUploadRequestSchema);
    return c.json({ imageId: upload.imageId, etag: await completeUpload(store, upload, parts) });
  });

  app.delete('/uploads/:id', async (c) => {
    const upload = multipartOf(await claimsOf(c));
    // A single POST has nothing in S3 to give up: its form runs out by itself.
    if (upload !== undefined) await store.abort(upload);
    return c.body(null, 204);
  });

  return app;
};
