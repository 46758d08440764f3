import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { type Authenticator, createHttpApp, type HttpContext, type HttpEnv } from '@darkroom/runtime/http';
import type { Logger } from '@darkroom/runtime/observability';
import type { AccessClaims } from '@darkroom/types/tokens';
import type { Hono, MiddlewareHandler } from 'hono';
import {
  createRufhUpload,
  PARTIAL_UPLOAD,
  type RufhAnswer,
  rufhUpload,
  uploadLimit,
} from '../../core/rufh/protocol.ts';
import { ownClaims, uploadIdOf } from '../../core/tus/announce.ts';
import { CHECKSUM_ALGORITHMS, verifyUploadChecksum } from '../../core/tus/checksum.ts';
import { bodyTooLarge, HOPELESS_STATUS, ProtocolError } from '../../core/tus/errors.ts';
import { absoluteUrl } from '../../core/tus/location.ts';
import { answerTus, type TusCall, type TusPorts } from './server.ts';

/** tus 1.0 is the only version there is. */
const TUS_VERSION = '1.0.0';

/** The type of every tus body. */
const OFFSET_STREAM = 'application/offset+octet-stream';

/** What @tus/server reads. Others stay outside: it refuses an `X-Forwarded-Proto` of two proxies, for one. */
const TUS_HEADERS = [
  'content-type',
  'tus-resumable',
  'upload-concat',
  'upload-defer-length',
  'upload-length',
  'upload-metadata',
  'upload-offset',
];

export interface TusDeps extends TusPorts {
  readonly logger: Logger;
  readonly auth: Authenticator;
  /** The secret that signs upload ids. */
  readonly secret: () => Promise<string>;
  /** Called once for every upload that was granted. */
  readonly countUpload: () => void;
}

/** A request whose token is good, with its method as the client means it. */
interface Call extends Omit<TusCall, 'granted'> {
  readonly method: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** tus 1.0, X-HTTP-Method-Override: "The actual method of the request MUST be ignored." Java's HttpURLConnection has no PATCH. */
const methodOf = (c: HttpContext): string => (c.req.header('x-http-method-override') ?? c.req.method).toUpperCase();

/** Requests of the IETF's draft: none of them says Tus-Resumable, all of them say one of these. */
const isRufh = ({ req }: HttpContext): boolean =>
  req.header('tus-resumable') === undefined &&
  (req.header('upload-draft-interop-version') !== undefined ||
    req.header('upload-complete') !== undefined ||
    req.header('content-type')?.startsWith(PARTIAL_UPLOAD) === true);

const invalid = (what: string, name: string, received?: string): DarkroomError =>
  new DarkroomError('INVALID_REQUEST', expected(what, name, received));

const checkVersion = ({ req }: HttpContext): void => {
  const version = req.header('tus-resumable');
  if (version === TUS_VERSION) return;
  // tus 1.0, Tus-Resumable: "MUST respond with the 412 Precondition Failed status and MUST include the Tus-Version header".
  const headers = { 'Tus-Version': TUS_VERSION };
  throw new ProtocolError('INVALID_REQUEST', expected(TUS_VERSION, 'Tus-Resumable', version), { status: 412, headers });
};

/** Extensions that are not spoken here: said with what to set in the client, before @tus/server says less. */
const checkCreation = ({ req }: HttpContext): void => {
  if (req.header('upload-concat') !== undefined)
    throw invalid('no parallel uploads (set parallelUploads to 1)', 'Upload-Concat', req.header('upload-concat'));
  if (req.header('upload-length') === undefined)
    throw invalid('the bytes of the file, known from the start', 'Upload-Length');
};

const checkPatch = ({ req }: HttpContext): void => {
  // tus 1.0, PATCH: "If the server receives a PATCH request with any other Content-Type it SHOULD return a 415".
  if (req.header('content-type') !== OFFSET_STREAM)
    throw new DarkroomError('INVALID_REQUEST', expected(OFFSET_STREAM, 'Content-Type', req.header('content-type')), {
      status: 415,
    });
  if (req.header('upload-offset') === undefined) throw invalid('an offset in bytes', 'Upload-Offset');
};

const tusRequest = (c: HttpContext, { method, body }: Call): Request => {
  const headers = new Headers();
  for (const name of TUS_HEADERS) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  if (body.length === 0) return new Request(c.req.url, { method, headers });
  headers.set('content-length', String(body.length));
  return new Request(c.req.url, { method, headers, body });
};

const METHODS = { creation: ['POST', 'OPTIONS'], upload: ['HEAD', 'PATCH', 'DELETE', 'OPTIONS'] } as const;

const checkMethod = ({ method, upload }: Call): void => {
  const known: readonly string[] = METHODS[upload === undefined ? 'creation' : 'upload'];
  if (!known.includes(method))
    throw new DarkroomError('METHOD_NOT_ALLOWED', expected(known.join(', '), 'the method', method));
};

/** The body, checked before anything is stored of it. */
const checkContent = (c: HttpContext, { method, body }: Call, maxBytes: number): void => {
  if (body.length > maxBytes) throw bodyTooLarge(maxBytes, body.length);
  if (method === 'POST') checkCreation(c);
  if (method === 'PATCH') checkPatch(c);
  const checksum = c.req.header('upload-checksum');
  if (checksum !== undefined) verifyUploadChecksum(checksum, body);
};

/** CORS is the gateway's alone: two answers of it would contradict each other. Lengths are the transport's. */
const isOurs = (name: string): boolean =>
  !name.startsWith('access-control-') && name !== 'content-length' && name !== 'connection';

const asHono = (c: HttpContext, response: Response): Response => {
  for (const [name, value] of response.headers) if (isOurs(name)) c.header(name, value);
  return c.body(null, response.status as 200 | 201 | 204);
};

const asRufh = (c: HttpContext, { status, headers, body }: RufhAnswer): Response => {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return body === undefined ? c.body(null, status as 201 | 204) : c.json(body, status as 200 | 201);
};

/** What every answer carries, errors included, and what the protocols want beside an error's status. */
const finishAnswer =
  (deps: TusDeps): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    const rufh = isRufh(c);
    if (!rufh) c.header('Tus-Resumable', TUS_VERSION);
    if (c.res.status === 413) c.header('Upload-Limit', uploadLimit(deps));
    // §4.4: true says that the file itself is refused, so that no client resumes.
    if (rufh && c.res.status === HOPELESS_STATUS) c.header('Upload-Complete', '?1');
    if (!(c.error instanceof ProtocolError)) return;
    for (const [name, value] of Object.entries(c.error.headers)) c.header(name, value);
    if (c.error.problem === undefined) return;
    const body = { ...c.error.problem, ...((await c.res.json()) as object) };
    c.res = new Response(JSON.stringify(body), c.res);
    c.header('Content-Type', 'application/problem+json');
  };

/** Uploads through the API itself, by tus 1.0 and by the IETF's draft, under one path. */
export const createTusApp = (deps: TusDeps): Hono<HttpEnv> => {
  const app = createHttpApp(deps.logger);
  const onLeftBehind = (error: unknown): void => deps.logger.warn('chunks left behind', { error: error as Error });
  const ports: TusPorts = { ...deps, store: { ...deps.store, onLeftBehind } };

  const uploadOf = (c: HttpContext, caller: AccessClaims, secret: string): TusCall['upload'] => {
    const id = c.req.param('id');
    return id === undefined ? undefined : { id, claims: ownClaims(id, caller, { secret, now: deps.now() }) };
  };

  /** Whatever is wrong with the token is said before anything else. */
  const callOf = async (c: HttpContext): Promise<Call> => {
    const token = c.req.param('token') ?? '';
    const caller = await deps.auth.path(token, 'upload');
    const secret = await deps.secret();
    return {
      method: methodOf(c),
      caller,
      secret,
      upload: uploadOf(c, caller, secret),
      urlOf: (id) => absoluteUrl((name) => c.req.header(name), `/u/${token}/files/${id}`),
      body: new Uint8Array(await c.req.arrayBuffer()),
    };
  };

  const tus = async (c: HttpContext, call: Call): Promise<Response> => {
    checkMethod(call);
    if (call.method !== 'OPTIONS') checkVersion(c);
    checkContent(c, call, deps.policy.maxPatchBytes);
    if (call.method === 'OPTIONS') {
      c.header('Tus-Checksum-Algorithm', CHECKSUM_ALGORITHMS.join(','));
      // The draft's own discovery (§4.1.4).
      c.header('Upload-Limit', uploadLimit(deps));
      c.header('Accept-Patch', PARTIAL_UPLOAD);
    }
    return asHono(c, await answerTus(ports, { ...call, granted: deps.countUpload }, tusRequest(c, call)));
  };

  const rufh = async (c: HttpContext, call: Call): Promise<Response> => {
    const request = { method: call.method, header: (name: string) => c.req.header(name), body: call.body };
    if (call.upload !== undefined) return asRufh(c, await rufhUpload(ports, call.upload.claims, request));
    const created = await createRufhUpload(
      ports,
      {
        caller: call.caller,
        granted: (claims) => {
          deps.countUpload();
          return call.urlOf(uploadIdOf(claims, call.secret));
        },
      },
      request,
    );
    return asRufh(c, created);
  };

  const answer = async (c: HttpContext): Promise<Response> => {
    const call = await callOf(c);
    return isRufh(c) && call.method !== 'OPTIONS' ? rufh(c, call) : tus(c, call);
  };

  app.use('*', finishAnswer(deps));
  app.all('/u/:token/files', answer);
  app.all('/u/:token/files/:id', answer);
  return app;
};
