import type { IncomingHttpHeaders } from 'node:http';
import { dictOf, listOf, numberOf, textOf } from '../stack/values.ts';

/** CORS rules of one API, as `provider.httpApi.cors` or `url.cors` gives them. */
export interface CorsRules {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly allowCredentials: boolean;
  /** Seconds */
  readonly maxAge: number | undefined;
}

/** What `cors: true` allows, by the Serverless Framework. */
const DEFAULT_HEADERS = [
  'Content-Type',
  'X-Amz-Date',
  'Authorization',
  'X-Api-Key',
  'X-Amz-Security-Token',
  'X-Amz-User-Agent',
  'X-Amzn-Trace-Id',
];

function texts(value: unknown): string[] | undefined {
  const list = listOf(value).flatMap((item) => textOf(item) ?? []);
  return list.length === 0 ? undefined : list;
}

/** @param config `true` or a mapping; anything else means no CORS. @param routeMethods methods that the API's routes take */
export function corsRules(config: unknown, routeMethods: readonly string[]): CorsRules | undefined {
  if (config === undefined || config === null || config === false) return undefined;
  const rules = dictOf(config);
  return {
    origins: texts(rules.allowedOrigins) ?? ['*'],
    methods: texts(rules.allowedMethods) ?? [...new Set(['OPTIONS', ...routeMethods])],
    headers: texts(rules.allowedHeaders) ?? DEFAULT_HEADERS,
    exposedHeaders: texts(rules.exposedResponseHeaders) ?? [],
    allowCredentials: rules.allowCredentials === true,
    maxAge: numberOf(rules.maxAge),
  };
}

function allows(pattern: string, value: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.includes('*')) return pattern.toLowerCase() === value.toLowerCase();
  const [start = '', end = ''] = pattern.toLowerCase().split('*');
  return value.toLowerCase().startsWith(start) && value.toLowerCase().endsWith(end);
}

/** The value of Access-Control-Allow-Origin, or undefined when this origin may not. */
function allowedOrigin(rules: CorsRules, origin: string): string | undefined {
  if (!rules.origins.some((pattern) => allows(pattern, origin))) return undefined;
  return rules.origins.includes('*') && !rules.allowCredentials ? '*' : origin;
}

/** Headers to add to an ordinary answer. */
export function corsHeaders(rules: CorsRules, request: IncomingHttpHeaders): Record<string, string> {
  const origin = request.origin === undefined ? undefined : allowedOrigin(rules, request.origin);
  if (origin === undefined) return {};
  const headers: Record<string, string> = { 'access-control-allow-origin': origin };
  if (origin !== '*') headers.vary = 'Origin';
  if (rules.allowCredentials) headers['access-control-allow-credentials'] = 'true';
  if (rules.exposedHeaders.length > 0) headers['access-control-expose-headers'] = rules.exposedHeaders.join(',');
  return headers;
}

/** True for a preflight, which the gateway answers itself. */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Headers of the answer to a preflight; none when the origin may not, and the browser then refuses. */
export function preflightHeaders(rules: CorsRules, request: IncomingHttpHeaders): Record<string, string> {
  const base = corsHeaders(rules, request);
  if (base['access-control-allow-origin'] === undefined) return {};
  return {
    ...base,
    'access-control-allow-methods': rules.methods.join(','),
    'access-control-allow-headers': rules.headers.join(','),
    ...(rules.maxAge === undefined ? {} : { 'access-control-max-age': String(rules.maxAge) }),
  };
}
