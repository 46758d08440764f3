import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloudContext } from '../service.ts';
import type { AccessLog } from './access-log.ts';
import type { EdgeCache, StoredAnswer } from './cache.ts';
import type { CachePolicy, DistributionConfig } from './config.ts';
import { createEdge, type Verdict } from './edge.ts';
import { toEdgeRequest } from './edge-request.ts';
import { applyHeadersPolicy, type HeadersPolicy } from './headers-policy.ts';
import type { OriginPorts } from './origins.ts';
import { respond } from './respond.ts';
import {
  isResponse,
  ViewerFunctionError,
  type EdgeEvent,
  type EdgeResponse,
  type ViewerFunction,
} from './viewer-function.ts';

export interface Counters {
  requests: number;
  hits: number;
  misses: number;
  refreshHits: number;
  /** Answered by the viewer-request function. */
  generated: number;
  errors: number;
  /** Bytes of bodies sent to viewers. */
  bytes: number;
}

export interface Distribution {
  readonly config: DistributionConfig;
  readonly cachePolicy: CachePolicy | undefined;
  readonly headersPolicy: HeadersPolicy | undefined;
  readonly viewerRequest: ViewerFunction | undefined;
  readonly viewerResponse: ViewerFunction | undefined;
}

export interface DistributionServices {
  readonly context: CloudContext;
  readonly cache: EdgeCache;
  readonly counters: Counters;
  readonly ports: OriginPorts;
  readonly accessLog: AccessLog | undefined;
}

interface Reply {
  readonly answer: StoredAnswer;
  readonly verdict: Verdict;
  readonly ageSeconds?: number;
}

type Passed = Pick<EdgeEvent, 'requestId' | 'viewerIp' | 'domain' | 'request'>;

const plain = (status: number, text: string): StoredAnswer => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from(text),
});

/** CloudFront answers 403 to a method that the behaviour does not allow. */
const METHOD_REFUSED = plain(403, 'This distribution is not configured to allow the HTTP request method.');
/** What viewers see of a function that fails; never its error. */
const FUNCTION_FAILED = plain(
  503,
  'The CloudFront function associated with this distribution is invalid or could not run.',
);

function bodyOf({ body }: EdgeResponse): Buffer {
  if (typeof body !== 'object') return Buffer.from(body ?? '');
  return Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8');
}

/** An answer that a function made. */
function generated(answer: EdgeResponse): StoredAnswer {
  const headers = Object.fromEntries(
    Object.entries(answer.headers ?? {}).map(([name, { value }]) => [name.toLowerCase(), value]),
  );
  return { status: answer.statusCode, headers, body: bodyOf(answer) };
}

function toEdgeResponse({ status, headers }: StoredAnswer): EdgeResponse {
  const values = Object.entries(headers).map(([name, value]) => [name, { value }] as const);
  return { statusCode: status, headers: Object.fromEntries(values) };
}

function viewerHeaders({ method = 'GET', headers }: IncomingMessage) {
  return {
    method,
    range: headers.range,
    ifRange: typeof headers['if-range'] === 'string' ? headers['if-range'] : undefined,
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
  };
}

/** What the log says of a request, whatever became of it. */
function loggedOf({ method = 'GET', url = '/', headers, socket }: IncomingMessage) {
  const [path = '/', query = ''] = url.split('?', 2);
  return {
    viewerIp: socket.remoteAddress ?? '127.0.0.1',
    method,
    host: headers.host ?? 'localhost',
    path,
    query,
    referer: headers.referer,
    userAgent: headers['user-agent'],
    cookie: headers.cookie,
  };
}

/** Handles viewers of one distribution: viewer request, cache, origin, viewer response, response headers policy. */
export function createViewerHandler(distribution: Distribution, services: DistributionServices) {
  const { config, cachePolicy, headersPolicy, viewerRequest, viewerResponse } = distribution;
  const { context, counters, accessLog } = services;
  const allowed = new Set(config.DefaultCacheBehavior.AllowedMethods);
  const edge = createEdge({ config, cachePolicy, ...services });

  /** The viewer-response function changes headers and status, never the body; it is not run for errors of the origin. */
  const afterwards = (event: Passed, answer: StoredAnswer): StoredAnswer => {
    if (viewerResponse === undefined || answer.status >= 400) return answer;
    const response = toEdgeResponse(answer);
    const changed = viewerResponse({ ...event, type: 'viewer-response', response });
    return isResponse(changed) ? { ...generated(changed), body: answer.body } : answer;
  };

  const decide = async (event: Passed): Promise<Reply> => {
    const passed = viewerRequest?.({ ...event, type: 'viewer-request' }) ?? event.request;
    if (isResponse(passed)) {
      counters.generated += 1;
      return { answer: generated(passed), verdict: 'FunctionGeneratedResponse' };
    }
    // What a function may not change (developer guide, "Restrictions on edge functions").
    const request = { ...passed, method: event.request.method };
    const found = await edge(request);
    counters[found.source] += 1;
    return { ...found, answer: afterwards({ ...event, request }, found.answer) };
  };

  const replyTo = async (event: Passed): Promise<Reply> => {
    if (!allowed.has(event.request.method)) return { answer: METHOD_REFUSED, verdict: 'Error' };
    try {
      return await decide(event);
    } catch (error) {
      if (!(error instanceof ViewerFunctionError)) throw error;
      context.log('error', 'a CloudFront Function failed', { path: event.request.uri, cause: error });
      return { answer: FUNCTION_FAILED, verdict: 'FunctionExecutionError' };
    }
  };

  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    counters.requests += 1;
    const started = context.now();
    const requestId = randomUUID();
    const { answer, verdict, ageSeconds } = await replyTo({
      requestId,
      viewerIp: incoming.socket.remoteAddress ?? '127.0.0.1',
      domain: incoming.headers.host ?? 'localhost',
      request: toEdgeRequest(incoming),
    });
    if (answer.status >= 400) counters.errors += 1;
    const headers = {
      ...applyHeadersPolicy(answer.headers, headersPolicy, incoming.headers.origin),
      ...(ageSeconds === undefined ? {} : { age: String(ageSeconds) }),
      via: '1.1 darkroom.local (CloudFront)',
      'x-amz-cf-id': requestId,
      'x-cache': `${verdict} from cloudfront`,
    };
    const bytes = respond(response, { ...answer, headers }, viewerHeaders(incoming));
    counters.bytes += bytes;
    accessLog?.record({
      ...loggedOf(incoming),
      time: started,
      status: response.statusCode,
      contentType: answer.headers['content-type'],
      bytes,
      result: verdict,
      requestId,
      took: (context.now() - started) / 1000,
    });
  };
}
