import { createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../service.ts';

/** A credential scope: `ACCESS_KEY/20261123/eu-west-1/s3/aws4_request`. */
export interface Scope {
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Without the access key. */
  readonly text: string;
}

/** Access keys hold no slash in AWS, but the scope's last four fields are the fixed ones. Undefined when malformed. */
export function parseScope(credential: string): Scope | undefined {
  const match = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential);
  if (!match) return undefined;
  const [, accessKeyId = '', date = '', region = '', service = ''] = match;
  return { accessKeyId, date, region, service, text: `${date}/${region}/${service}/aws4_request` };
}

export function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data, 'utf8').digest();
}

/** A key changes once a day for each credential and region; a few days of a few credentials are more than enough. */
const CACHED_KEYS = 64;
const cache = new Map<string, Buffer>();

/** Step 3: the key of a day, region and service. Cached, for it costs four HMACs and hardly ever changes. */
export function signingKey(secret: string, scope: Pick<Scope, 'date' | 'region' | 'service'>): Buffer {
  const name = `${secret}/${scope.date}/${scope.region}/${scope.service}`;
  const known = cache.get(name);
  if (known) return known;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, scope.date), scope.region), scope.service), 'aws4_request');
  if (cache.size >= CACHED_KEYS) cache.clear();
  cache.set(name, key);
  return key;
}

/** Compares hex signatures in constant time. */
export function isSameSignature(expected: string, received: string): boolean {
  return expected.length === received.length && timingSafeEqual(Buffer.from(expected), Buffer.from(received));
}

/** The secret of an access key. @throws AwsError InvalidAccessKeyId */
export function secretOf(accessKeyId: string, credentials: ReadonlyMap<string, string>): string {
  const secret = credentials.get(accessKeyId);
  if (secret !== undefined) return secret;
  throw new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
    status: 403,
    fields: { AWSAccessKeyId: accessKeyId },
  });
}

/** Milliseconds of `YYYYMMDDTHHMMSSZ`, or NaN. */
export function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
