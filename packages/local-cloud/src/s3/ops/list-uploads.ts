import { invalidArgument } from '../errors.ts';
import { type S3Call, sendXml } from '../http/call.ts';
import type { XmlNode } from '../http/xml.ts';
import type { StoredUpload } from '../store/model.ts';
import { partChecksum, requireUpload } from './multipart.ts';
import { isoTime, quoted } from './write.ts';

const MAX_PAGE = 1000;

function readNumber({ query }: S3Call, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === undefined || text === '') return fallback;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
}

const person = (call: S3Call): XmlNode => ({
  ID: call.store.context.accountId.padStart(64, '0'),
  DisplayName: 'local',
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(call: S3Call): void {
  const upload = requireUpload(call);
  const marker = readNumber(call, 'part-number-marker', 0);
  const maxParts = Math.min(readNumber(call, 'max-parts', MAX_PAGE), MAX_PAGE);
  const rest = call.store.objects.partsOf(upload.id).filter(({ number }) => number > marker);
  const page = rest.slice(0, maxParts);
  const isTruncated = rest.length > page.length;
  sendXml(call, {
    root: 'ListPartsResult',
    node: {
      Bucket: call.bucket,
      Key: call.key,
      UploadId: upload.id,
      Initiator: person(call),
      Owner: person(call),
      StorageClass: upload.details.storageClass,
      PartNumberMarker: marker,
      NextPartNumberMarker: isTruncated ? page.at(-1)?.number : undefined,
      MaxParts: maxParts,
      IsTruncated: isTruncated,
      ChecksumAlgorithm: upload.details.algorithm,
      ChecksumType: upload.details.checksumType,
      Part: page.map((part) => ({
        PartNumber: part.number,
        LastModified: isoTime(part.modified),
        ETag: quoted(part.etag),
        Size: part.size,
        ...partChecksum(part.checksum),
      })),
    },
  });
}

interface UploadPage {
  readonly uploads: StoredUpload[];
  readonly prefixes: string[];
  readonly isTruncated: boolean;
  readonly last: { readonly key: string; readonly id: string } | undefined;
}

interface UploadQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly idMarker: string;
  readonly max: number;
}

function isBehind({ key, id }: StoredUpload, { keyMarker, idMarker, delimiter }: UploadQuery): boolean {
  if (keyMarker === '') return true;
  if (key === keyMarker) return idMarker !== '' && id > idMarker;
  return !(delimiter !== '' && keyMarker.endsWith(delimiter) && key.startsWith(keyMarker));
}

function commonPrefix(key: string, { prefix, delimiter }: UploadQuery): string | undefined {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Uploads under way are few, so they are all read. */
function* candidates(call: S3Call, query: UploadQuery): Generator<StoredUpload> {
  const { prefix, keyMarker } = query;
  const from = Buffer.compare(Buffer.from(keyMarker), Buffer.from(prefix)) < 0 ? prefix : keyMarker;
  for (const upload of call.store.uploads.range(call.bucket, from, Number.MAX_SAFE_INTEGER)) {
    if (!upload.key.startsWith(prefix)) return;
    if (isBehind(upload, query)) yield upload;
  }
}

function pageOf(call: S3Call, query: UploadQuery): UploadPage {
  const page = { uploads: [] as StoredUpload[], prefixes: [] as string[] };
  let last: UploadPage['last'];
  for (const upload of candidates(call, query)) {
    const common = commonPrefix(upload.key, query);
    if (common !== undefined && page.prefixes.at(-1) === common) continue;
    if (page.uploads.length + page.prefixes.length >= query.max) return { ...page, isTruncated: true, last };
    if (common === undefined) page.uploads.push(upload);
    else page.prefixes.push(common);
    last = { key: common ?? upload.key, id: common === undefined ? upload.id : '' };
  }
  return { ...page, isTruncated: false, last };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listMultipartUploads(call: S3Call): void {
  const { store, bucket } = call;
  store.buckets.require(bucket);
  const [prefix, delimiter, keyMarker, idMarker] = ['prefix', 'delimiter', 'key-marker', 'upload-id-marker'].map(
    (name) => call.query.get(name) ?? '',
  ) as [string, string, string, string];
  const max = Math.min(readNumber(call, 'max-uploads', MAX_PAGE), MAX_PAGE);
  const encode = call.query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string): string => text;
  const { uploads, prefixes, isTruncated, last } = pageOf(call, { prefix, delimiter, keyMarker, idMarker, max });
  sendXml(call, {
    root: 'ListMultipartUploadsResult',
    node: {
      Bucket: bucket,
      Prefix: encode(prefix),
      Delimiter: delimiter === '' ? undefined : encode(delimiter),
      KeyMarker: encode(keyMarker),
      UploadIdMarker: idMarker,
      NextKeyMarker: isTruncated ? encode(last?.key ?? '') : undefined,
      NextUploadIdMarker: isTruncated ? last?.id : undefined,
      MaxUploads: max,
      IsTruncated: isTruncated,
      Upload: uploads.map(({ key, id, initiated, details }) => ({
        Key: encode(key),
        UploadId: id,
        Initiator: person(call),
        Owner: person(call),
        StorageClass: details.storageClass,
        Initiated: isoTime(initiated),
        ChecksumAlgorithm: details.algorithm,
        ChecksumType: details.checksumType,
      })),
      CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
    },
  });
}
