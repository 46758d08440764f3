import { invalidArgument } from '../errors.ts';
import { type S3Call, sendXml } from '../http/call.ts';
import type { XmlNode } from '../http/xml.ts';
import type { StoredObject } from '../store/model.ts';
import { successor } from '../store/objects.ts';
import { isoTime, quoted } from './write.ts';

const MAX_KEYS = 1000;
/** Rows read at once; with a delimiter most are skipped by a jump behind the common prefix. */
const BATCH = 1000;

interface Listing {
  readonly objects: readonly StoredObject[];
  readonly prefixes: readonly string[];
  /** Where the next page begins (a key, inclusive); undefined at the end. */
  readonly next: string | undefined;
  /** The last entry of this page. */
  readonly last: string | undefined;
}

interface Wanted {
  readonly prefix: string;
  readonly delimiter: string;
  /** First key that may be listed. */
  readonly from: string;
  readonly maxKeys: number;
}

/** No text lies between a key and the same with a NUL behind it. */
const after = (key: string): string => `${key}\0`;

/** Keys and common prefixes in the order of UTF-8, at most `maxKeys` of both together. */
function list(call: S3Call, { prefix, delimiter, from, maxKeys }: Wanted): Listing {
  const objects: StoredObject[] = [];
  const prefixes: string[] = [];
  // In the order of UTF-8, which is not that of JavaScript's strings.
  let cursor: string | undefined = Buffer.compare(Buffer.from(from), Buffer.from(prefix)) < 0 ? prefix : from;
  let last: string | undefined;
  while (cursor !== undefined) {
    const limit = Math.min(BATCH, maxKeys - objects.length - prefixes.length + 1);
    const rows = call.store.objects.range(call.bucket, { prefix, from: cursor, limit });
    cursor = rows.length < limit ? undefined : after(rows.at(-1)?.key ?? '');
    for (const row of rows) {
      if (objects.length + prefixes.length >= maxKeys) return { objects, prefixes, next: row.key, last };
      const end = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (end < 0) {
        objects.push(row);
        last = row.key;
        continue;
      }
      const common = row.key.slice(0, end + delimiter.length);
      prefixes.push(common);
      last = common;
      cursor = successor(common);
      break;
    }
  }
  return { objects, prefixes, next: undefined, last };
}

function readMaxKeys(query: S3Call['query'], name: string): number {
  const text = query.get(name);
  if (text === undefined || text === '') return MAX_KEYS;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 2 ** 31 - 1) return Math.min(value, MAX_KEYS);
  throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
}

type Encode = (text: string) => string;

/** `encoding-type=url`: for keys that XML cannot carry. */
function readEncoding(query: S3Call['query']): { encode: Encode; type: string | undefined } {
  const type = query.get('encoding-type');
  if (type === undefined || type === '') return { encode: (value) => value, type: undefined };
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  const encode: Encode = (value) =>
    encodeURIComponent(value)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+')
      .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return { encode, type };
}

const owner = (call: S3Call): XmlNode => ({ ID: call.store.context.accountId.padStart(64, '0'), DisplayName: 'local' });

function toContents(call: S3Call, encode: Encode, hasOwner: boolean) {
  return ({ key, modified, etag, size, details }: StoredObject): XmlNode => ({
    Key: encode(key),
    LastModified: isoTime(modified),
    ETag: quoted(etag),
    ChecksumAlgorithm: details.checksum?.algorithm,
    ChecksumType: details.checksum?.type,
    Size: size,
    Owner: hasOwner ? owner(call) : undefined,
    StorageClass: details.storageClass,
  });
}

/** Tokens are opaque to clients: a letter, so that a foreign token is told, and the next key. */
const toToken = (next: string): string => Buffer.from(`n${next}`).toString('base64url');

function fromToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.startsWith('n') && toToken(text.slice(1)) === token) return text.slice(1);
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(call: S3Call): void {
  const { query, bucket } = call;
  call.store.buckets.require(bucket);
  const [prefix, delimiter, startAfter] = ['prefix', 'delimiter', 'start-after'].map(
    (name) => query.get(name) ?? '',
  ) as [string, string, string];
  const token = query.get('continuation-token');
  const maxKeys = readMaxKeys(query, 'max-keys');
  const { encode, type } = readEncoding(query);
  const from = token === undefined ? (startAfter === '' ? '' : after(startAfter)) : fromToken(token);
  const page = maxKeys === 0 ? EMPTY : list(call, { prefix, delimiter, from, maxKeys });
  sendXml(call, {
    root: 'ListBucketResult',
    headers: { 'x-amz-bucket-region': call.store.buckets.require(bucket).region },
    node: {
      Name: bucket,
      Prefix: encode(prefix),
      Delimiter: delimiter === '' ? undefined : encode(delimiter),
      MaxKeys: maxKeys,
      EncodingType: type,
      KeyCount: page.objects.length + page.prefixes.length,
      IsTruncated: page.next !== undefined,
      ContinuationToken: token,
      NextContinuationToken: page.next === undefined ? undefined : toToken(page.next),
      StartAfter: startAfter === '' ? undefined : encode(startAfter),
      Contents: page.objects.map(toContents(call, encode, query.get('fetch-owner') === 'true')),
      CommonPrefixes: page.prefixes.map((one) => ({ Prefix: encode(one) })),
    },
  });
}

const EMPTY: Listing = { objects: [], prefixes: [], next: undefined, last: undefined };

/** A marker that is a common prefix of the page before stands for all that it holds. */
function afterMarker(marker: string, delimiter: string): string {
  if (marker === '') return '';
  if (delimiter !== '' && marker.endsWith(delimiter)) return successor(marker) ?? after(marker);
  return after(marker);
}

/** What the listings that page by a marker have in common: what was asked, and the page that answers it. */
function pageAfterMarker(call: S3Call, markerName: string) {
  const { query } = call;
  const [prefix, delimiter, marker] = ['prefix', 'delimiter', markerName].map((name) => query.get(name) ?? '') as [
    string,
    string,
    string,
  ];
  const maxKeys = readMaxKeys(query, 'max-keys');
  const page = maxKeys === 0 ? EMPTY : list(call, { prefix, delimiter, from: afterMarker(marker, delimiter), maxKeys });
  return { prefix, delimiter, marker, maxKeys, page, ...readEncoding(query) };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export function listObjects(call: S3Call): void {
  const { bucket } = call;
  call.store.buckets.require(bucket);
  const { prefix, delimiter, marker, maxKeys, encode, type, page } = pageAfterMarker(call, 'marker');
  // Only with a delimiter: otherwise the last key is the marker.
  const nextMarker =
    page.next !== undefined && delimiter !== '' && page.last !== undefined ? encode(page.last) : undefined;
  sendXml(call, {
    root: 'ListBucketResult',
    node: {
      Name: bucket,
      Prefix: encode(prefix),
      Marker: encode(marker),
      NextMarker: nextMarker,
      Delimiter: delimiter === '' ? undefined : encode(delimiter),
      MaxKeys: maxKeys,
      EncodingType: type,
      IsTruncated: page.next !== undefined,
      Contents: page.objects.map(toContents(call, encode, true)),
      CommonPrefixes: page.prefixes.map((one) => ({ Prefix: encode(one) })),
    },
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html: every object has one version, `null`. */
export function listObjectVersions(call: S3Call): void {
  const { bucket } = call;
  call.store.buckets.require(bucket);
  const { prefix, marker, maxKeys, encode, type, page } = pageAfterMarker(call, 'key-marker');
  sendXml(call, {
    root: 'ListVersionsResult',
    node: {
      Name: bucket,
      Prefix: encode(prefix),
      KeyMarker: encode(marker),
      NextKeyMarker: page.next === undefined || page.last === undefined ? undefined : encode(page.last),
      NextVersionIdMarker: page.next === undefined ? undefined : 'null',
      MaxKeys: maxKeys,
      EncodingType: type,
      IsTruncated: page.next !== undefined,
      Version: page.objects.map((object) => ({
        ...toContents(call, encode, true)(object),
        VersionId: 'null',
        IsLatest: true,
      })),
      CommonPrefixes: page.prefixes.map((one) => ({ Prefix: encode(one) })),
    },
  });
}
