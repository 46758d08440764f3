import type { ErrorBody } from '@darkroom/types/api';
import type { AccessClaims, Scope, UploadClaims } from '@darkroom/types/tokens';
import { type Context, Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type * as z from 'zod';
import { DarkroomError, type DarkroomErrorOptions, expected } from './errors.ts';
import type { Logger } from './observability.ts';
import { bearerToken, verifyAccessToken, verifyUploadToken } from './tokens.ts';

export interface HttpEnv {
  Bindings: { event?: LambdaEvent; lambdaContext?: LambdaContext };
}
export type HttpContext = Context<HttpEnv>;

/** Largest JSON body read, in bytes: a complete call with 10,000 parts is about 600 KB. */
const MAX_BODY_BYTES = 1_000_000;

const requestIdOf = (c: HttpContext): string =>
  // Outside Lambda (tests, app.request) Hono leaves the bindings undefined, whatever its types say.
  (c.env as HttpEnv['Bindings'] | undefined)?.lambdaContext?.awsRequestId ?? c.req.header('x-request-id') ?? 'local';

const asDarkroomError = (error: unknown): DarkroomError | undefined => {
  if (error instanceof DarkroomError) return error;
  if (error instanceof HTTPException && error.status < 500)
    return new DarkroomError('INVALID_REQUEST', error.message, { cause: error });
  return undefined;
};

/** A path for a log: whoever reads `/u/{token}/…` could use the token, and any signed id behind it. */
const shownPath = (path: string): string => path.replaceAll(/[\w-]{16,}\.[\w-]{43}(?![\w-])/g, '…');

const errorAnswer = (c: HttpContext, error: DarkroomError): Response => {
  const body: ErrorBody = {
    code: error.code,
    message: error.message,
    requestId: requestIdOf(c),
    ...(error.details && { details: [...error.details] }),
    ...(error.resend && { resend: [...error.resend] }),
  };
  if (error.retryAfterSeconds !== undefined) c.header('Retry-After', String(error.retryAfterSeconds));
  // RFC 6750 §3: a 401 says which scheme is wanted.
  if (error.status === 401) c.header('WWW-Authenticate', 'Bearer');
  return c.json(body, error.status as ContentfulStatusCode);
};

/**
 * A Hono app whose every error is answered as `{ code, message, requestId }` with the code's status. Errors that are not
 * DarkroomErrors are logged with their cause and answered as INTERNAL without any detail.
 */
export const createHttpApp = (logger: Logger): Hono<HttpEnv> => {
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => {
    const known = asDarkroomError(error);
    if (known !== undefined && known.status < 500) return errorAnswer(c, known);
    logger.error('request failed', { error, path: shownPath(c.req.path), method: c.req.method });
    return errorAnswer(
      c,
      known ??
        new DarkroomError('INTERNAL', 'something went wrong here; try again, and quote the request id if it persists'),
    );
  });
  app.notFound((c) =>
    errorAnswer(
      c,
      new DarkroomError('ROUTE_NOT_FOUND', expected('a known route', 'the path', `${c.req.method} ${c.req.path}`)),
    ),
  );
  return app;
};

/** The Lambda handler of an app, for API Gateway HTTP APIs (payload 2.0) and function URLs. */
export const httpHandler = (app: Hono<HttpEnv>) => handle(app);

const detailsOf = (error: z.core.$ZodError): NonNullable<DarkroomErrorOptions['details']> =>
  error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));

/** Parses any value from a request. Throws INVALID_REQUEST naming the first wrong field, with all of them in `details`. */
export const parseRequest = <T extends z.ZodType>(schema: T, value: unknown, where: string): z.output<T> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = detailsOf(result.error);
  const first = details[0];
  const name = first === undefined || first.path === '' ? where : `${where}.${first.path}`;
  throw new DarkroomError('INVALID_REQUEST', `${name}: ${first?.message ?? 'wrong value'}`, {
    details,
    cause: result.error,
  });
};

/** Reads and parses a JSON body. Throws INVALID_JSON, TOO_MANY_BYTES or INVALID_REQUEST. */
export const readJson = async <T extends z.ZodType>(c: HttpContext, schema: T): Promise<z.output<T>> => {
  const text = await c.req.text();
  if (text.length > MAX_BODY_BYTES)
    throw new DarkroomError('TOO_MANY_BYTES', expected(`at most ${MAX_BODY_BYTES} bytes`, 'the body', text.length));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DarkroomError('INVALID_JSON', expected('JSON', 'the body', text), { cause });
  }
  return parseRequest(schema, value, 'body');
};

export interface Authenticator {
  /** Claims of the caller's access token. Throws TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, or FORBIDDEN without the scope. */
  readonly access: (c: HttpContext, scope: Scope) => Promise<AccessClaims>;
  /** The same for a token in the path (`/u/{token}/…`): the only place that Uppy 6 and most tus clients can carry one in. */
  readonly path: (token: string, scope: Scope) => Promise<AccessClaims>;
  /** Claims of the caller's upload token; it must be for `imageId`, else NOT_FOUND, as for an id that does not exist. */
  readonly upload: (c: HttpContext, imageId: string) => Promise<UploadClaims>;
}

/** Builds the two ways a caller is known. `now` is milliseconds since the epoch. */
export const createAuthenticator = (secret: () => Promise<string>, now: () => number): Authenticator => {
  const options = async () => ({ secret: await secret(), now: Math.floor(now() / 1000) });
  const accessOf = async (token: string, scope: Scope): Promise<AccessClaims> => {
    const claims = verifyAccessToken(token, await options());
    if (claims.scopes.includes(scope)) return claims;
    // What the token may do instead is nobody's business who only holds it.
    throw new DarkroomError('FORBIDDEN', `expected a token with the scope "${scope}" but received one without it`);
  };
  return {
    access: (c, scope) => accessOf(bearerToken(c.req.header('authorization')), scope),
    path: accessOf,
    upload: async (c, imageId) => {
      const claims = verifyUploadToken(bearerToken(c.req.header('authorization')), await options());
      if (claims.imageId === imageId) return claims;
      throw new DarkroomError('NOT_FOUND', 'expected the id of this upload in the path but received another');
    },
  };
};
