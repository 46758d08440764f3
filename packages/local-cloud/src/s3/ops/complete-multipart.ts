import { createHash } from 'node:crypto';
import { type Checksum, combineChecksums, elementName, headerName } from '../checksums.ts';
import { s3Error } from '../errors.ts';
import { receiveDocument } from '../http/body.ts';
import { locationOf, type S3Call, sendXml } from '../http/call.ts';
import { nodes, parseXml, text, type XmlNode } from '../http/xml.ts';
import type { StoredObject, StoredPart, StoredUpload } from '../store/model.ts';
import { requireUpload } from './multipart.ts';
import { causeOf, checksumElements, conditionally, encryptionHeaders, quoted } from './write.ts';

/** Every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

interface ListedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly node: XmlNode;
}

/** @throws AwsError MalformedXML, InvalidPartOrder */
function readParts(document: string): ListedPart[] {
  const parts = nodes(parseXml(document, 'CompleteMultipartUpload'), 'Part').map((node): ListedPart => {
    const number = Number(text(node, 'PartNumber'));
    const etag = text(node, 'ETag')?.trim().replaceAll('"', '');
    if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS || etag === undefined)
      throw s3Error('MalformedXML');
    return { number, etag, node };
  });
  if (parts.length === 0 || parts.length > MAX_PARTS) throw s3Error('MalformedXML');
  const isAscending = parts.every(({ number }, index) => index === 0 || number > (parts[index - 1]?.number ?? 0));
  if (!isAscending) throw s3Error('InvalidPartOrder');
  return parts;
}

/** A composite needs the checksum of each part from the client, which is what makes it end-to-end. */
function requirePartChecksum(upload: StoredUpload, listed: ListedPart, stored: StoredPart): void {
  const { algorithm, checksumType } = upload.details;
  const { checksum } = stored;
  const name = algorithm ?? checksum?.algorithm;
  const given = name && text(listed.node, elementName(name));
  if (given === undefined) {
    if (algorithm === undefined || checksumType === 'FULL_OBJECT') return;
    throw s3Error('InvalidRequest', {
      message: `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${listed.number} in the request.`,
    });
  }
  if (given !== checksum?.value) throw invalidPart(upload, listed);
}

function invalidPart(upload: StoredUpload, { number, etag }: ListedPart) {
  return s3Error('InvalidPart', { fields: { UploadId: upload.id, PartNumber: number, ETag: etag } });
}

/** The stored parts that the client chose. @throws AwsError InvalidPart, EntityTooSmall, InvalidRequest */
function chooseParts(upload: StoredUpload, stored: readonly StoredPart[], listed: readonly ListedPart[]): StoredPart[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  return listed.map((part, index) => {
    const found = byNumber.get(part.number);
    if (found?.etag !== part.etag) throw invalidPart(upload, part);
    requirePartChecksum(upload, part, found);
    if (found.size < MIN_PART_BYTES && index < listed.length - 1) {
      throw s3Error('EntityTooSmall', {
        fields: { ProposedSize: found.size, MinSizeAllowed: MIN_PART_BYTES, PartNumber: part.number, ETag: part.etag },
      });
    }
    return found;
  });
}

/** The ETag of a multipart object: the MD5 of the parts' MD5s, and how many they are. */
function etagOf(parts: readonly { etag: string }[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}

function checksumOf(call: S3Call, upload: StoredUpload, parts: readonly StoredPart[]): Checksum | undefined {
  const { algorithm, checksumType = 'COMPOSITE' } = upload.details;
  if (algorithm === undefined) return undefined;
  const checksum = combineChecksums(
    algorithm,
    checksumType,
    parts.map(({ checksum: own, size }) => ({ value: own?.value ?? '', size })),
  );
  const given = call.headers[headerName(algorithm)];
  if (given !== undefined && given !== checksum.value && given !== checksum.value.replace(/-\d+$/, '')) {
    throw s3Error('BadDigest', { message: `The ${algorithm} you specified did not match the calculated checksum.` });
  }
  return checksum;
}

function requireSize({ headers }: S3Call, size: number): void {
  const expected = headers['x-amz-mp-object-size'];
  if (expected === undefined || Number(expected) === size) return;
  throw s3Error('InvalidRequest', {
    message: `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${size}`,
  });
}

/** Makes the object of its parts, without copying a byte. */
function commit(call: S3Call, upload: StoredUpload, listed: readonly ListedPart[]): StoredObject {
  const { store, bucket, key } = call;
  const stored = store.objects.partsOf(upload.id);
  const parts = chooseParts(upload, stored, listed);
  const checksum = checksumOf(call, upload, parts);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  requireSize(call, size);
  const { algorithm: _algorithm, checksumType: _type, ...own } = upload.details;
  const details = { ...own, partCount: parts.length, ...(checksum ? { checksum } : {}) };
  const used = new Set(parts);
  const unused = stored.filter((part) => !used.has(part));
  const object = { bucket, key, file: null, upload: upload.id, size, etag: etagOf(parts), details };
  return store.putObject(object, causeOf(call, 'ObjectCreated:CompleteMultipartUpload'), () => {
    for (const { number } of unused) store.uploads.removePart(upload.id, number);
    store.uploads.remove(upload.id);
  });
}

/** The object that an earlier, equal request of this upload made: a client that lost the answer asks again. */
function alreadyCompleted(call: S3Call, listed: readonly ListedPart[]): StoredObject | undefined {
  const { store, bucket, key, query } = call;
  const object = store.objects.find(bucket, key);
  if (!object?.upload || object.upload !== query.get('uploadId')) return undefined;
  return object.etag === etagOf(listed) ? object : undefined;
}

function isHexMd5({ etag }: ListedPart): boolean {
  return /^[0-9a-f]{32}$/.test(etag);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { store, bucket, key } = call;
  const owner = store.buckets.require(bucket);
  const listed = readParts(await receiveDocument(withoutObjectChecksum(call)));
  const repeated = listed.every(isHexMd5) ? alreadyCompleted(call, listed) : undefined;
  const object =
    repeated ??
    (await conditionally(call, (check) => {
      check();
      return commit(call, requireUpload(call), listed);
    }));
  sendXml(call, {
    root: 'CompleteMultipartUploadResult',
    headers: encryptionHeaders(owner),
    node: {
      Location: locationOf(call, key),
      Bucket: bucket,
      Key: key,
      ETag: quoted(object.etag),
      ...checksumElements(object.details.checksum),
    },
  });
}

/** On this request `x-amz-checksum-*` is of the object to be, not of the document. */
function withoutObjectChecksum(call: S3Call): S3Call {
  const headers = Object.fromEntries(
    Object.entries(call.headers).filter(([name]) => !/^x-amz-(sdk-)?checksum-/.test(name)),
  );
  return { ...call, headers };
}
