import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { type Authenticator, createHttpApp, type HttpContext, type HttpEnv, readJson } from '@darkroom/runtime/http';
import type { Logger } from '@darkroom/runtime/observability';
import { signToken, verifyMultipartToken } from '@darkroom/runtime/tokens';
import type { ErrorBody } from '@darkroom/types/api';
import type { AccessClaims } from '@darkroom/types/tokens';
import { Hono, type MiddlewareHandler } from 'hono';
import * as z from 'zod';
import { completeCompanionUpload, listCompanionParts } from '../../core/companion/complete.ts';
import {
  parseCompleteBody,
  parseKey,
  parseMultipartBody,
  parseParamsQuery,
  parsePartNumber,
  parsePartNumbers,
  refused,
  sentences,
} from '../../core/companion/requests.ts';
import {
  companionBatch,
  companionForm,
  companionPart,
  type CompanionPorts,
  openCompanionUpload,
  ownUpload,
} from '../../core/companion/uploads.ts';
import type { UploadRef } from '../../ports.ts';

export interface CompanionDeps extends CompanionPorts {
  readonly logger: Logger;
  readonly auth: Authenticator;
  /** The secret that signs upload ids. */
  readonly secret: () => Promise<string>;
  /** Called once for every upload that was granted. */
  readonly countUpload: () => void;
}

/** Where Uppy's routes are: the token in the path is the only place that Uppy 6 can carry one in. */
export const COMPANION_PATH = '/u/:token/s3';

/** Errors carry their sentence under `error`, too: Uppy 5 reads `message`, Companion's other clients `error`. */
const nameErrors: MiddlewareHandler = async (c, next) => {
  await next();
  c.header('Cache-Control', 'no-store');
  if (c.res.status < 400) return;
  const body = (await c.res.json()) as ErrorBody;
  c.res = new Response(JSON.stringify({ ...body, error: body.message }), c.res);
};

/** The S3 contract of Uppy's Companion (versions 4 to 6 of @uppy/aws-s3): each route parses and hands over to core. */
export const createCompanionApp = (deps: CompanionDeps): Hono<HttpEnv> => {
  /** A route for the bearer of the path's token: whatever is wrong with the token is said before anything else. */
  const asCaller =
    (run: (c: HttpContext, caller: AccessClaims) => Response | Promise<Response>) => async (c: HttpContext) =>
      run(c, await deps.auth.path(c.req.param('token') ?? '', 'upload'));

  /** The upload that path and query name, if it is the caller's. */
  const uploadOf = async (c: HttpContext, caller: AccessClaims, key: string): Promise<UploadRef> => {
    const options = { secret: await deps.secret(), now: Math.floor(deps.now() / 1000) };
    return ownUpload(verifyMultipartToken(c.req.param('uploadId') ?? '', options), caller, key);
  };

  const params = asCaller(async (c, caller) => {
    const form = await companionForm(deps, caller, parseParamsQuery(new URL(c.req.url).searchParams));
    deps.countUpload();
    return c.json(form);
  });

  const open = asCaller(async (c, caller) => {
    const file = parseMultipartBody(await readJson(c, z.unknown()));
    const { key, claims } = await openCompanionUpload(deps, caller, file);
    deps.countUpload();
    return c.json({ key, uploadId: signToken(claims, await deps.secret()), bucket: deps.bucket });
  });

  const list = asCaller(async (c, caller) => {
    const key = parseKey(c.req.query('key'));
    return c.json(await listCompanionParts(deps, await uploadOf(c, caller, key)));
  });

  const batch = asCaller(async (c, caller) => {
    const key = parseKey(c.req.query('key'));
    const partNumbers = parsePartNumbers(c.req.query('partNumbers'));
    return c.json(await companionBatch(deps, await uploadOf(c, caller, key), partNumbers));
  });

  const part = asCaller(async (c, caller) => {
    const key = parseKey(c.req.query('key'));
    const partNumber = parsePartNumber(c.req.param('partNumber') ?? '');
    return c.json(await companionPart(deps, await uploadOf(c, caller, key), partNumber));
  });

  const complete = asCaller(async (c, caller) => {
    const key = parseKey(c.req.query('key'));
    const parts = parseCompleteBody(await readJson(c, z.unknown()));
    return c.json(await completeCompanionUpload(deps, await uploadOf(c, caller, key), parts));
  });

  const abort = asCaller(async (c, caller) => {
    const key = parseKey(c.req.query('key'));
    await deps.store.abort(await uploadOf(c, caller, key));
    return c.json({});
  });

  const sts = asCaller(() => {
    throw refused(sentences.sts);
  });

  const unknown = asCaller((c) => {
    throw new DarkroomError(
      'ROUTE_NOT_FOUND',
      expected("a route of Companion's S3 contract", 'the method', c.req.method),
    );
  });

  const routes = new Hono<HttpEnv>()
    .use('*', nameErrors)
    .get('/params', params)
    .get('/sts', sts)
    .post('/multipart', open)
    .get('/multipart/:uploadId', list)
    .delete('/multipart/:uploadId', abort)
    // Before the route of one part, which would take `batch` for a number.
    .get('/multipart/:uploadId/batch', batch)
    .get('/multipart/:uploadId/:partNumber', part)
    .post('/multipart/:uploadId/complete', complete)
    .all('*', unknown);
  const app = createHttpApp(deps.logger);
  app.route(COMPANION_PATH, routes);
  return app;
};
