import type { IncomingMessage } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import type { CachePolicy } from './config.ts';
import type { OriginRequest } from './origins.ts';
import type { EdgeRequest, EdgeValues } from './viewer-function.ts';

function edgeValues(record: Readonly<Record<string, string | string[] | undefined>>): EdgeValues {
  const result: EdgeValues = {};
  for (const [name, given] of Object.entries(record)) {
    const all = given === undefined ? [] : [given].flat();
    const [first] = all;
    if (first === undefined) continue;
    result[name] = { value: first, ...(all.length > 1 && { multiValue: all.map((value) => ({ value })) }) };
  }
  return result;
}

function cookiesOf(header: string | undefined): Record<string, string[]> {
  const cookies: Record<string, string[]> = {};
  for (const part of (header ?? '').split(';')) {
    const [name = '', ...value] = part.trim().split('=');
    if (name !== '') (cookies[name] ??= []).push(value.join('='));
  }
  return cookies;
}

/** A viewer's request as CloudFront Functions see it (event structure, version 1.0): cookies apart, names in lower case. */
export function toEdgeRequest(request: IncomingMessage): EdgeRequest {
  const [uri = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const { cookie, ...headers } = request.headers;
  return {
    method: request.method ?? 'GET',
    uri,
    querystring: edgeValues(parseQuery(query)),
    headers: edgeValues(headers),
    cookies: edgeValues(cookiesOf(cookie)),
  };
}

type Parameters = CachePolicy['ParametersInCacheKeyAndForwardedToOrigin'];
type Pairs = [name: string, value: string][];

const BEHAVIOURS: Readonly<Record<string, (isNamed: boolean) => boolean>> = {
  all: () => true,
  whitelist: (isNamed) => isNamed,
  allExcept: (isNamed) => !isNamed,
};

/** The values that a cache policy lets through, sorted, so that their order makes no second entry. */
function picked(given: EdgeValues, { behaviour, names }: Parameters['HeadersConfig']): Pairs {
  const passes = BEHAVIOURS[behaviour];
  if (!passes) return [];
  const named = new Set(names.map((name) => name.toLowerCase()));
  return Object.entries(given)
    .filter(([name]) => passes(named.has(name.toLowerCase())))
    .flatMap(([name, { value, multiValue }]) =>
      (multiValue ?? [{ value }]).map((one): Pairs[number] => [name, one.value]),
    )
    .sort(([first], [second]) => (first < second ? -1 : Number(first > second)));
}

const NOTHING = { behaviour: 'none', names: [] };

/**
 * What the cache policy lets through of a request: it is all the origin sees, and with the path all of the cache key.
 * HEAD shares its entry with GET.
 */
export function toOriginRequest(
  request: EdgeRequest,
  policy: CachePolicy | undefined,
): { readonly key: string; readonly origin: OriginRequest } {
  const parameters = policy?.ParametersInCacheKeyAndForwardedToOrigin;
  const headers = picked(request.headers, parameters?.HeadersConfig ?? NOTHING);
  const query = new URLSearchParams(picked(request.querystring, parameters?.QueryStringsConfig ?? NOTHING)).toString();
  const cookies = picked(request.cookies, parameters?.CookiesConfig ?? NOTHING);
  const cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    key: JSON.stringify([request.uri, query, headers, cookie]),
    origin: {
      path: request.uri,
      query,
      headers: { ...Object.fromEntries(headers), ...(cookie === '' ? {} : { cookie }) },
    },
  };
}
