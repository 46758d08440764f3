import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, type CloudContext, type HttpService } from '../../service.ts';
import { authenticate } from '../../sigv4/verify.ts';
import { authorize } from '../access.ts';
import { s3Error } from '../errors.ts';
import { postObject } from '../ops/post-object.ts';
import { corsHeaders } from '../rules/cors.ts';
import type { S3Store } from '../store/store.ts';
import { parseTarget, readHeaders, readQuery, type S3Call, sendEmpty, type Target } from './call.ts';
import { findRoute } from './routes.ts';
import { buildErrorXml, type XmlNode } from './xml.ts';

/** A client that leaves in the middle of its own body. */
function isGone(request: IncomingMessage, error: unknown): boolean {
  return !(error instanceof AwsError) && request.destroyed && !request.complete;
}

function toAwsError(error: unknown, context: CloudContext, facts: Record<string, unknown>): AwsError {
  if (error instanceof AwsError) return error;
  context.log('error', 's3 request failed', { ...facts, cause: error });
  return s3Error('InternalError', { cause: error });
}

function sendError(
  call: { request: IncomingMessage; response: ServerResponse; requestId: string },
  error: AwsError,
): void {
  const { request, response, requestId } = call;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // HEAD has no body: the status has to say it all.
  if (request.method === 'HEAD') {
    response.writeHead(error.status, { 'content-type': 'application/xml' }).end();
    return;
  }
  const body = buildErrorXml({
    Code: error.code,
    Message: error.message,
    ...(error.fields as XmlNode),
    Resource: request.url?.split('?', 1)[0],
    RequestId: requestId,
    HostId: requestId,
  });
  response.writeHead(error.status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function requestedHeaders(request: IncomingMessage): string[] {
  const text = request.headers['access-control-request-headers'] ?? '';
  return text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

/** Answers a preflight by the bucket's own rules. @throws AwsError AccessForbidden when none allows it. */
function preflight(call: S3Call): void {
  const { origin, 'access-control-request-method': method } = call.request.headers;
  if (origin === undefined || method === undefined) {
    throw s3Error('InvalidRequest', { message: 'Insufficient information. Origin request header needed.' });
  }
  const document = call.store.buckets.find(call.bucket)?.config.cors;
  if (!document) throw s3Error('AccessForbidden', { message: 'CORSResponse: CORS is not enabled for this bucket.' });
  const headers = corsHeaders(document, { origin, method, headers: requestedHeaders(call.request) });
  if (!headers) {
    throw s3Error('AccessForbidden', {
      message:
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      fields: { Method: method, ResourceType: call.key === '' ? 'BUCKET' : 'OBJECT' },
    });
  }
  sendEmpty(call, 200, headers);
}

/** Puts the bucket's CORS headers on an actual request, errors included, so that a page can read them. */
function applyCors(
  { store, request, response }: Pick<S3Call, 'store' | 'request' | 'response'>,
  { bucket }: Target,
): void {
  const { origin } = request.headers;
  const document = store.buckets.find(bucket)?.config.cors;
  if (origin === undefined || !document || request.method === 'OPTIONS') return;
  const headers = corsHeaders(document, { origin, method: request.method ?? '', headers: [] });
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
}

function isForm(request: IncomingMessage, { bucket, key, query }: Target): boolean {
  return request.method === 'POST' && bucket !== '' && key === '' && !/(^|&)(delete|uploads)(=|&|$)/.test(query);
}

function identify(call: Pick<S3Call, 'store' | 'request' | 'method'>, target: Target): S3Call['identity'] {
  const { path, query } = target;
  const { headers } = call.request;
  // A form carries its signature among its fields.
  if (call.method === 'OPTIONS' || isForm(call.request, target)) return undefined;
  return authenticate({ method: call.method, path, query, headers }, call.store.context);
}

async function answer(call: Pick<S3Call, 'store' | 'request' | 'response' | 'requestId'>): Promise<void> {
  const { request, store } = call;
  const target = parseTarget(request.url ?? '/', request.headers.host ?? '');
  applyCors(call, target);
  const method = request.method ?? 'GET';
  const identity = identify({ store, request, method }, target);
  const query = readQuery(target.query);
  const headers = readHeaders(request, query, identity);
  const full: S3Call = { ...call, method, query, headers, identity, bucket: target.bucket, key: target.key };
  if (method === 'OPTIONS') {
    preflight(full);
    return;
  }
  if (isForm(request, target)) return postObject(full);
  const { action, run } = findRoute(full);
  authorize(full, action);
  await run(full);
}

/** The HTTP side of S3: understands a request, lets it through or not, and answers errors as S3's XML. */
export function createFront(store: S3Store): HttpService['handle'] {
  return async (request, response, { requestId }) => {
    response.setHeader('x-amz-request-id', requestId);
    response.setHeader('x-amz-id-2', requestId);
    response.setHeader('server', 'AmazonS3');
    const call = { store, request, response, requestId };
    try {
      await answer(call);
    } catch (error) {
      if (isGone(request, error)) return;
      sendError(call, toAwsError(error, store.context, { requestId, method: request.method, path: request.url }));
    }
  };
}
