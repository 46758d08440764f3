import { uriDecode } from '../../sigv4/canonical.ts';
import { createHash } from 'node:crypto';
import { type Algorithm, type Checksum, createDigester, parseAlgorithm } from '../checksums.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { endWriter, type ReceivedBody } from '../http/body.ts';
import { type S3Call, sendXml } from '../http/call.ts';
import { requireSource } from '../http/conditions.ts';
import { parseTagHeader, readDetails } from '../http/details.ts';
import type { ByteRange } from '../http/ranges.ts';
import type { ObjectDetails, StoredObject } from '../store/model.ts';
import {
  causeOf,
  checksumElements,
  committing,
  conditionally,
  encryptionHeaders,
  isoTime,
  quoted,
  refuseUnsupported,
} from './write.ts';

/** The most that one CopyObject takes; larger objects are copied in parts. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** The object that `x-amz-copy-source` names. @throws AwsError InvalidArgument, NoSuchBucket, NoSuchKey, PreconditionFailed */
export function requireCopySource(call: S3Call): StoredObject {
  const header = call.headers['x-amz-copy-source'] ?? '';
  const [path = '', version] = header.replace(/^\//, '').split('?versionId=');
  const source = uriDecode(path);
  const slash = source.indexOf('/');
  if (slash <= 0 || slash === source.length - 1) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      header,
    );
  }
  if (version !== undefined && version !== 'null') throw s3Error('NoSuchVersion', { fields: { VersionId: version } });
  const [bucket, key] = [source.slice(0, slash), source.slice(slash + 1)];
  call.store.buckets.require(bucket);
  const object = call.store.objects.find(bucket, key);
  if (!object) throw s3Error('NoSuchKey', { fields: { Key: key } });
  requireSource(call.headers, object);
  return object;
}

/** Copies a stretch of an object to a new file, hashing it on the way. */
export async function copyBytes(call: S3Call, from: { object: StoredObject; range: ByteRange }, algorithm?: Algorithm) {
  const { bodies, objects } = call.store;
  const source = bodies.open(objects.segments(from.object, from.range.start, from.range.end));
  const writer = bodies.createWriter();
  const md5 = createHash('md5');
  const digester = algorithm && createDigester(algorithm);
  try {
    for await (const piece of source.stream()) {
      md5.update(piece);
      digester?.update(piece);
      await writer.write(piece);
    }
    const file = await endWriter(writer);
    const body: ReceivedBody = {
      size: writer.size,
      md5: md5.digest('hex'),
      ...(algorithm && digester ? { checksum: { algorithm, value: digester.digest() } } : {}),
    };
    return { file, body };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function detailsOfCopy(call: S3Call, source: StoredObject): ObjectDetails {
  const own = readDetails(call.headers, call.store.buckets.require(call.bucket));
  const { headers, metadata, tags } = source.details;
  const replaces = call.headers['x-amz-metadata-directive'] === 'REPLACE';
  const kept: ObjectDetails = replaces
    ? { ...own }
    : { headers, metadata, storageClass: own.storageClass, ...(own.acl ? { acl: own.acl } : {}) };
  const { tags: _own, ...rest } = kept;
  const wanted =
    call.headers['x-amz-tagging-directive'] === 'REPLACE' ? parseTagHeader(call.headers['x-amz-tagging'] ?? '') : tags;
  return wanted && Object.keys(wanted).length > 0 ? { ...rest, tags: wanted } : rest;
}

function refuseNoChange(call: S3Call, source: StoredObject): void {
  const isItself = source.bucket === call.bucket && source.key === call.key;
  const changes = [
    'x-amz-metadata-directive',
    'x-amz-storage-class',
    'x-amz-tagging-directive',
    'x-amz-server-side-encryption',
  ];
  if (!isItself || changes.some((name) => call.headers[name] !== undefined && call.headers[name] !== 'COPY')) return;
  throw s3Error('InvalidRequest', {
    message:
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(call: S3Call): Promise<void> {
  const { store, bucket, key } = call;
  const owner = store.buckets.require(bucket);
  refuseUnsupported(call);
  const source = requireCopySource(call);
  refuseNoChange(call, source);
  if (source.size > MAX_COPY_BYTES) {
    throw s3Error('InvalidRequest', {
      message: 'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    });
  }
  const details = detailsOfCopy(call, source);
  const named = call.headers['x-amz-checksum-algorithm'];
  const algorithm = named === undefined ? source.details.checksum?.algorithm : parseAlgorithm(named);
  const stored = await conditionally(call, async (check) => {
    const { file, body } = await copyBytes(call, { object: source, range: { start: 0, end: source.size } }, algorithm);
    const checksum: Checksum | undefined = body.checksum && { ...body.checksum, type: 'FULL_OBJECT' };
    return committing(call, file, () => {
      store.buckets.require(bucket);
      check();
      const object = { bucket, key, file, upload: null, size: body.size, etag: body.md5 };
      return store.putObject(
        { ...object, details: checksum ? { ...details, checksum } : details },
        causeOf(call, 'ObjectCreated:Copy'),
      );
    });
  });
  sendXml(call, {
    root: 'CopyObjectResult',
    headers: encryptionHeaders(owner),
    node: {
      LastModified: isoTime(stored.modified),
      ETag: quoted(stored.etag),
      ...checksumElements(stored.details.checksum),
    },
  });
}
