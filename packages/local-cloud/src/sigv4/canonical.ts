import { createHash } from 'node:crypto';
import { AwsError } from '../service.ts';

/** What of an HTTP request a signature can cover; header names in lower case, values as bytes read as Latin-1 (Node's way). */
export interface SignableRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  /** Query as sent, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

/** RFC 3986 percent-encoding, as SigV4 wants it: everything but `A-Z a-z 0-9 - . _ ~`. */
export function uriEncode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @throws AwsError InvalidURI when the text is not valid percent-encoded UTF-8. */
export function uriDecode(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { cause });
  }
}

/** Names and values of a query, decoded, in the order sent. A plus is a space, as S3 reads it. */
export function parseQuery(query: string): [string, string][] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const cut = pair.indexOf('=');
      const name = cut < 0 ? pair : pair.slice(0, cut);
      const value = cut < 0 ? '' : pair.slice(cut + 1);
      return [uriDecode(name.replaceAll('+', ' ')), uriDecode(value.replaceAll('+', ' '))];
    });
}

/** S3 encodes the path once and normalises nothing, unlike every other service. */
export function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((segment) => uriEncode(uriDecode(segment)))
    .join('/');
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function canonicalQuery(query: string, without?: string): string {
  return parseQuery(query)
    .filter(([name]) => name !== without)
    .map(([name, value]): [string, string] => [uriEncode(name), uriEncode(value)])
    .sort(([a, x], [b, y]) => byCodeUnits(a, b) || byCodeUnits(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Node reads header bytes as Latin-1; signers sign text. Bytes that are UTF-8 are read as such. */
export function headerText(value: string): string {
  if (!/[\u0080-\u{10ffff}]/u.test(value)) return value;
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    // Not UTF-8, so the client meant Latin-1.
    return value;
  }
}

function canonicalHeader(name: string, headers: SignableRequest['headers']): string {
  const value = headers[name] ?? '';
  const values = Array.isArray(value) ? value : [value];
  return `${name}:${values.map((one) => headerText(one).trim().replace(/ +/g, ' ')).join(',')}\n`;
}

export interface CanonicalOptions {
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
  /** True for a presigned URL, whose own signature is no part of what it signs. */
  readonly presigned: boolean;
}

/** Step 1 of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. */
export function canonicalRequest(request: SignableRequest, options: CanonicalOptions): string {
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query, options.presigned ? 'X-Amz-Signature' : undefined),
    options.signedHeaders.map((name) => canonicalHeader(name, request.headers)).join(''),
    options.signedHeaders.join(';'),
    options.payloadHash,
  ].join('\n');
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Step 2. `scope` is `date/region/service/aws4_request`. */
export function stringToSign(amzDate: string, scope: string, canonical: string): string {
  return `${ALGORITHM}\n${amzDate}\n${scope}\n${sha256Hex(canonical)}`;
}
