type HeaderOf = (name: string) => string | undefined;

/** Host and port, as a Host header may hold them (RFC 9110 §7.2), IPv6 included. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;

/** A proxy appends to what it found: the first entry is the client's own view. */
const firstOf = (value: string | undefined): string => value?.split(',')[0]?.trim() ?? '';

/**
 * The address of a path under this API as its client sees it. API Gateway and CloudFront say `X-Forwarded-Proto`; a proxy that
 * replaces Host must say `X-Forwarded-Host`. Whoever forges these headers misleads nobody else: the answer is theirs alone.
 * Without a usable Host the path itself, which all clients resolve (RFC 9110 §10.2.2).
 */
export const absoluteUrl = (header: HeaderOf, path: string): string => {
  const proto = firstOf(header('x-forwarded-proto')).toLowerCase() === 'https' ? 'https' : 'http';
  const host = [header('x-forwarded-host'), header('host')].map(firstOf).find((name) => HOST.test(name));
  return host === undefined ? path : `${proto}://${host}${path}`;
};
