import { pipeline } from 'node:stream/promises';
import { s3Error } from '../errors.ts';
import { type S3Call, sendXml } from '../http/call.ts';
import { isWanted } from '../http/conditions.ts';
import { detailHeaders } from '../http/details.ts';
import { type ByteRange, parseRange } from '../http/ranges.ts';
import type { StoredObject } from '../store/model.ts';
import { checksumElements, checksumHeaders, encryptionHeaders, quoted } from './write.ts';

/** Query parameters by which a signed request chooses the headers of its answer. */
const OVERRIDES: Readonly<Record<string, string>> = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
};

/** Buckets here keep no versions: the only version of an object is `null`. */
export function requireCurrentVersion({ query, key }: S3Call): void {
  const version = query.get('versionId');
  if (version === undefined || version === 'null') return;
  throw s3Error('NoSuchVersion', { fields: { Key: key, VersionId: version } });
}

/** @throws AwsError NoSuchBucket, NoSuchKey, NoSuchVersion */
export function requireObject(call: S3Call): StoredObject {
  const { store, bucket, key } = call;
  store.buckets.require(bucket);
  requireCurrentVersion(call);
  const object = store.objects.find(bucket, key);
  if (object) return object;
  throw s3Error('NoSuchKey', { fields: { Key: key } });
}

function overrides({ query, identity }: S3Call): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [parameter, header] of Object.entries(OVERRIDES)) {
    const value = query.get(parameter);
    if (value === undefined) continue;
    if (!identity) {
      throw s3Error('InvalidRequest', {
        message: 'Request specific response headers cannot be used for anonymous GET requests.',
      });
    }
    found[header] = value;
  }
  return found;
}

/** The stretch of one part, for `?partNumber=`. @throws AwsError InvalidPartNumber */
function rangeOfPart(call: S3Call, object: StoredObject, number: number): ByteRange {
  if (object.upload === null && number === 1) return { start: 0, end: object.size };
  let start = 0;
  for (const [index, { size }] of call.store.objects.partsOf(object.upload ?? '').entries()) {
    if (index + 1 === number) return { start, end: start + size };
    start += size;
  }
  throw s3Error('InvalidPartNumber', {
    fields: { ActualPartCount: object.details.partCount ?? 1, PartNumberRequested: number },
  });
}

function chooseRange(call: S3Call, object: StoredObject): ByteRange | undefined {
  const partNumber = call.query.get('partNumber');
  if (partNumber !== undefined) return rangeOfPart(call, object, Number(partNumber));
  const ifRange = call.headers['if-range'];
  if (
    ifRange !== undefined &&
    ifRange.replaceAll('"', '') !== object.etag &&
    Date.parse(ifRange) !== Math.floor(object.modified / 1000) * 1000
  ) {
    return undefined;
  }
  return parseRange(call.headers['range'], object.size);
}

/** The headers that a 304 carries, too. */
function validators(object: StoredObject): Record<string, string> {
  return { etag: quoted(object.etag), 'last-modified': new Date(object.modified).toUTCString() };
}

function answerHeaders(
  call: S3Call,
  object: StoredObject,
  range: ByteRange | undefined,
): Record<string, string | number> {
  const { start, end } = range ?? { start: 0, end: object.size };
  const isPart = call.query.has('partNumber');
  const wantsChecksum = call.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  return {
    ...detailHeaders(object.details),
    ...validators(object),
    'accept-ranges': 'bytes',
    'content-length': end - start,
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${object.size}` } : {}),
    ...(isPart && object.details.partCount ? { 'x-amz-mp-parts-count': object.details.partCount } : {}),
    // The checksum is of the whole object; a client would take it for that of the range.
    ...(wantsChecksum && !range ? checksumHeaders(object.details.checksum) : {}),
    ...encryptionHeaders(call.store.buckets.require(call.bucket)),
    ...overrides(call),
  };
}

/** Status and headers of a GET or HEAD; undefined when 304 has been answered. */
function begin(call: S3Call): { object: StoredObject; range: ByteRange | undefined } | undefined {
  const object = requireObject(call);
  if (!isWanted(call.headers, object)) {
    call.response.writeHead(304, validators(object));
    call.response.end();
    return undefined;
  }
  // An empty object has no bytes to give a range of, but its only part is all of it.
  const range = object.size === 0 && call.query.has('partNumber') ? undefined : chooseRange(call, object);
  return { object, range };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export function headObject(call: S3Call): void {
  const found = begin(call);
  if (!found) return;
  call.response.writeHead(found.range ? 206 : 200, answerHeaders(call, found.object, found.range));
  call.response.end();
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(call: S3Call): Promise<void> {
  const found = begin(call);
  if (!found) return;
  const { object, range } = found;
  const headers = answerHeaders(call, object, range);
  const body = call.store.bodies.open(call.store.objects.segments(object, range?.start, range?.end));
  const { response } = call;
  response.writeHead(range ? 206 : 200, headers);
  const small = body.length === 0 ? Buffer.alloc(0) : body.readAtOnce();
  if (small) {
    response.end(small);
    return;
  }
  try {
    await pipeline(body.stream(), response);
  } catch (error) {
    // A reader that leaves early is no failure; anything else is.
    if (!call.request.destroyed && !response.destroyed) throw error;
  } finally {
    body.close();
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export function getObjectAttributes(call: S3Call): void {
  const object = requireObject(call);
  const wanted = new Set((call.headers['x-amz-object-attributes'] ?? '').split(',').map((name) => name.trim()));
  const { checksum, partCount, storageClass } = object.details;
  sendXml(call, {
    root: 'GetObjectAttributesResponse',
    headers: { 'last-modified': new Date(object.modified).toUTCString() },
    node: {
      ETag: wanted.has('ETag') ? object.etag : undefined,
      Checksum: wanted.has('Checksum') && checksum ? checksumElements(checksum) : undefined,
      ObjectParts: wanted.has('ObjectParts') && partCount ? { PartsCount: partCount } : undefined,
      StorageClass: wanted.has('StorageClass') ? storageClass : undefined,
      ObjectSize: wanted.has('ObjectSize') ? object.size : undefined,
    },
  });
}
