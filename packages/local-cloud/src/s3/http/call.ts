import type { IncomingMessage, ServerResponse } from 'node:http';
import { headerText, parseQuery, uriDecode } from '../../sigv4/canonical.ts';
import type { Identity } from '../../sigv4/verify.ts';
import { s3Error } from '../errors.ts';
import type { S3Store } from '../store/store.ts';
import { buildXml, type XmlNode } from './xml.ts';

/** One request to S3, understood. */
export interface S3Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly store: S3Store;
  readonly method: string;
  /** '' for a request to the service itself. */
  readonly bucket: string;
  /** '' for a request to a bucket. Decoded; up to 1024 bytes of UTF-8. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names; of a presigned URL also the `x-amz-*` parameters, which stand for headers. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined for an unsigned request. */
  readonly identity: Identity | undefined;
}

export type Operation = (call: S3Call) => Promise<void> | void;

/** S3's limit for a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;
/** `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3.localhost`, `bucket.localhost`: virtual-host style. */
const VIRTUAL_HOST = /^(?<bucket>.+?)\.(?:s3[.-].+|s3|localhost)$/i;

export interface Target {
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: string;
  readonly bucket: string;
  readonly key: string;
}

function bucketOfHost(host: string): string | undefined {
  const name = VIRTUAL_HOST.exec(host.replace(/:\d+$/, ''))?.groups?.['bucket'];
  return name === 's3' ? undefined : name?.toLowerCase();
}

/**
 * Bucket and key of a request, in path or virtual-host style.
 * @throws AwsError InvalidURI, KeyTooLongError
 */
export function parseTarget(url: string, host: string): Target {
  const cut = url.indexOf('?');
  const path = cut < 0 ? url : url.slice(0, cut);
  const query = cut < 0 ? '' : url.slice(cut + 1);
  const virtual = bucketOfHost(host);
  const rest = path.slice(1);
  const slash = rest.indexOf('/');
  const bucket = virtual ?? uriDecode(slash < 0 ? rest : rest.slice(0, slash));
  const rawKey = virtual === undefined ? (slash < 0 ? '' : rest.slice(slash + 1)) : rest;
  const key = uriDecode(rawKey);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw s3Error('KeyTooLongError', { fields: { Size: Buffer.byteLength(key), MaxSizeAllowed: MAX_KEY_BYTES } });
  }
  return { path, query, bucket, key };
}

/**
 * Parameters of a presigned URL that stand for headers. Its `x-amz-checksum-*` do not: the SDK puts the checksum of an empty body
 * there, and S3 takes uploads by such URLs (localstack#12169 tells of it against AWS itself).
 */
function hoisted(query: ReadonlyMap<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    const header = name.toLowerCase();
    const isAuthentication = name.startsWith('X-Amz-');
    const isChecksum = header.startsWith('x-amz-checksum-') || header === 'x-amz-sdk-checksum-algorithm';
    if (header.startsWith('x-amz-') && !isAuthentication && (!isChecksum || header === 'x-amz-checksum-mode'))
      found[header] = value;
  }
  return found;
}

export function readHeaders(
  request: IncomingMessage,
  query: ReadonlyMap<string, string>,
  identity: Identity | undefined,
): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = identity?.authType === 'REST-QUERY-STRING' ? hoisted(query) : {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = headerText(Array.isArray(value) ? value.join(',') : value);
  }
  return headers;
}

/** The first value of each name. */
export function readQuery(query: string): Map<string, string> {
  return new Map(parseQuery(query).reverse());
}

/** Answers without a body. */
export function sendEmpty(call: S3Call, status: number, headers: Record<string, string | number> = {}): void {
  call.response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': 0 });
  call.response.end();
}

export interface XmlAnswer {
  readonly root: string;
  readonly node: XmlNode;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

export function sendXml(call: S3Call, { root, node, status = 200, headers = {} }: XmlAnswer): void {
  const body = buildXml(root, node);
  call.response.writeHead(status, {
    ...headers,
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  call.response.end(body);
}

/** Address of an object, as S3 gives it in Location elements. */
export function locationOf(call: S3Call, key: string): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return `${call.store.context.endpoint()}/${call.bucket}/${path}`;
}
