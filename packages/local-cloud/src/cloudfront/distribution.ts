import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import type { CloudContext } from '../service.ts';
import type { EdgeCache, StoredAnswer } from './cache.ts';
import { type CachePolicy, type DistributionConfig, type HeadersPolicy, policyHeaders } from './config.ts';
import { ttlOf } from './freshness.ts';
import { fetchFromOrigins, type OriginPorts, type OriginRequest } from './origins.ts';
import { respond } from './respond.ts';
import { type EdgeRequest, type EdgeResponse, isResponse, type ViewerFunction } from './viewer-function.ts';

export interface Counters {
  requests: number;
  hits: number;
  misses: number;
  refreshHits: number;
  /** Answered by the viewer-request function. */
  generated: number;
  errors: number;
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
}

const values = (record: Readonly<Record<string, string | string[] | undefined>>): EdgeRequest['headers'] =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, given]) => {
      const all = given === undefined ? [] : [given].flat();
      const [first] = all;
      if (first === undefined) return [];
      return [
        [name.toLowerCase(), { value: first, ...(all.length > 1 && { multiValue: all.map((value) => ({ value })) }) }],
      ];
    }),
  );

const toEdgeRequest = (request: IncomingMessage): EdgeRequest => {
  const [uri = '/', query = ''] = (request.url ?? '/').split('?');
  return {
    method: request.method ?? 'GET',
    uri,
    querystring: values(parseQuery(query)),
    headers: values(request.headers),
    cookies: {},
  };
};

const generated = (answer: EdgeResponse): StoredAnswer => {
  const { body } = answer;
  const bytes =
    typeof body === 'object'
      ? Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8')
      : Buffer.from(body ?? '');
  const headers = Object.fromEntries(
    Object.entries(answer.headers ?? {}).map(([name, { value }]) => [name.toLowerCase(), value]),
  );
  return { status: answer.statusCode, headers, body: bytes };
};

const picked = (given: EdgeRequest['headers'], behaviour: unknown, list: unknown): [string, string][] => {
  if (behaviour === undefined || behaviour === 'none') return [];
  const wanted = (Array.isArray(list) ? list : []).map((name) => String(name).toLowerCase());
  return Object.entries(given)
    .filter(([name]) => behaviour === 'all' || wanted.includes(name))
    .map(([name, { value }]): [string, string] => [name, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
};

/** What of a request the cache policy lets through: it is both the rest of the cache key and all the origin sees. */
const forwarded = (
  request: EdgeRequest,
  policy: CachePolicy | undefined,
): { headers: [string, string][]; query: [string, string][] } => {
  const parameters = policy?.ParametersInCacheKeyAndForwardedToOrigin;
  const headers = parameters?.HeadersConfig;
  const queries = parameters?.QueryStringsConfig;
  return {
    headers: picked(request.headers, headers?.['HeaderBehavior'], headers?.['Headers']),
    query: picked(request.querystring, queries?.['QueryStringBehavior'], queries?.['QueryStrings']),
  };
};

/** CloudFront answers 403 to a method that the behaviour does not allow. */
const METHOD_REFUSED: StoredAnswer = {
  status: 403,
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from('This distribution is not configured to allow the HTTP request method.'),
};

/** Handles viewers of one distribution: viewer request, cache, origin, response. */
export const createViewerHandler = (
  distribution: Distribution,
  { context, cache, counters, ports }: DistributionServices,
) => {
  const { config, cachePolicy, headersPolicy } = distribution;
  const allowed = new Set(config.DefaultCacheBehavior.AllowedMethods);
  /** Misses on their way: viewers that ask for the same thing meanwhile share one request to the origin. */
  const pending = new Map<string, Promise<StoredAnswer>>();

  const fetchAndStore = async (key: string, request: OriginRequest): Promise<StoredAnswer> => {
    const answer = await fetchFromOrigins(config, request, ports);
    cache.set(key, answer, ttlOf(answer, { policy: cachePolicy, config, now: context.now() }));
    return answer;
  };

  const collapse = (key: string, request: OriginRequest): Promise<StoredAnswer> => {
    const running = pending.get(key);
    if (running !== undefined) return running;
    const started = fetchAndStore(key, request).finally(() => pending.delete(key));
    pending.set(key, started);
    return started;
  };

  const lookUp = async (request: EdgeRequest): Promise<{ answer: StoredAnswer; headers: Record<string, string> }> => {
    const { headers, query } = forwarded(request, cachePolicy);
    const text = new URLSearchParams(query).toString();
    const key = JSON.stringify([request.uri, text, headers]);
    const held = cache.get(key);
    if (held?.fresh === true) {
      counters.hits += 1;
      return {
        answer: held.answer,
        headers: {
          'x-cache': held.answer.status < 400 ? 'Hit from cloudfront' : 'Error from cloudfront',
          age: String(held.ageSeconds),
        },
      };
    }
    const answer = await collapse(key, {
      method: request.method,
      path: request.uri,
      query: text,
      headers: Object.fromEntries(headers),
    });
    const etag = answer.headers['etag'];
    const refreshed = etag !== undefined && held?.answer.headers['etag'] === etag;
    counters[refreshed ? 'refreshHits' : 'misses'] += 1;
    const verdict = answer.status >= 400 ? 'Error' : refreshed ? 'RefreshHit' : 'Miss';
    return { answer, headers: { 'x-cache': `${verdict} from cloudfront` } };
  };

  const decide = async (request: EdgeRequest): Promise<{ answer: StoredAnswer; headers: Record<string, string> }> => {
    const passed = distribution.viewerRequest?.('viewer-request', request) ?? request;
    if (!isResponse(passed)) return lookUp(passed);
    counters.generated += 1;
    return { answer: generated(passed), headers: { 'x-cache': 'FunctionGeneratedResponse from cloudfront' } };
  };

  const afterwards = (request: EdgeRequest, answer: StoredAnswer): StoredAnswer => {
    // CloudFront runs no viewer-response function when the origin answered 400 or above.
    if (distribution.viewerResponse === undefined || answer.status >= 400) return answer;
    const response = {
      statusCode: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, { value }])),
    };
    const changed = distribution.viewerResponse('viewer-response', request, response);
    return isResponse(changed) ? { ...generated(changed), body: answer.body } : answer;
  };

  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    counters.requests += 1;
    const request = toEdgeRequest(incoming);
    const viewer = {
      method: request.method,
      range: incoming.headers.range,
      ifNoneMatch: incoming.headers['if-none-match'],
    };
    if (!allowed.has(request.method)) {
      respond(response, { answer: METHOD_REFUSED, viewer, extra: { 'x-cache': 'Error from cloudfront' } });
      return;
    }
    const { answer, headers } = await decide(structuredClone(request));
    if (answer.status >= 400) counters.errors += 1;
    counters.bytes += answer.body.length;
    const extra = {
      ...policyHeaders(headersPolicy, incoming.headers.origin),
      ...headers,
      via: '1.1 darkroom.local (CloudFront)',
    };
    respond(response, { answer: afterwards(request, answer), viewer, extra });
  };
};
