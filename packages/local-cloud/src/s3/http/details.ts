import { uriDecode } from '../../sigv4/canonical.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { child, nodes, text, type XmlNode } from './xml.ts';
import type { Bucket } from '../store/buckets.ts';
import type { ObjectDetails } from '../store/model.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Headers that S3 keeps with an object and gives back. */
const KEPT = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const META = 'x-amz-meta-';
/** Names and values of user metadata together, in bytes. */
const MAX_METADATA_BYTES = 2048;
const DEFAULT_TYPE = 'binary/octet-stream';
const STORAGE_CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);
/** Of a tag set on an object, and of a bucket's. */
const MAX_OBJECT_TAGS = 10;
const MAX_BUCKET_TAGS = 50;

/** `aws-chunked` is about the way, not about the object. */
function withoutChunked(encoding: string): string | undefined {
  const left = encoding
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== 'aws-chunked' && one !== '');
  return left.length > 0 ? left.join(',') : undefined;
}

function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': DEFAULT_TYPE };
  for (const name of KEPT) {
    const value = name === 'content-encoding' ? withoutChunked(headers[name] ?? '') : headers[name];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

function userMetadata(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value = ''] of Object.entries(headers)) {
    if (!name.startsWith(META)) continue;
    const short = name.slice(META.length);
    bytes += Buffer.byteLength(short) + Buffer.byteLength(value);
    metadata[short] = value;
  }
  if (bytes <= MAX_METADATA_BYTES) return metadata;
  throw s3Error('MetadataTooLarge', { fields: { Size: bytes, MaxSizeAllowed: MAX_METADATA_BYTES } });
}

function storageClass(headers: Headers): string {
  const name = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (STORAGE_CLASSES.has(name)) return name;
  throw s3Error('InvalidStorageClass', { fields: { StorageClassRequested: name } });
}

function checkTags(tags: readonly [string, string][], limit: number): Record<string, string> {
  if (tags.length > limit) throw s3Error('InvalidTag', { message: `Object tags cannot be greater than ${limit}` });
  const seen = new Map(tags);
  if (seen.size < tags.length)
    throw s3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  for (const [key, value] of seen) {
    if (key === '' || key.length > 128)
      throw s3Error('InvalidTag', { message: 'The TagKey you have provided is invalid' });
    if (value.length > 256) throw s3Error('InvalidTag', { message: 'The TagValue you have provided is invalid' });
    if (key.startsWith('aws:'))
      throw s3Error('InvalidTag', { message: 'System tags cannot be added/updated by requester' });
  }
  return Object.fromEntries(seen);
}

/** Tags of the `x-amz-tagging` header: a query string. @throws AwsError InvalidTag, InvalidArgument */
export function parseTagHeader(header: string): Record<string, string> {
  const pairs = header.split('&').filter((pair) => pair !== '');
  const tags = pairs.map((pair): [string, string] => {
    const [key = '', value = '', ...rest] = pair.split('=');
    if (rest.length > 0)
      throw invalidArgument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        'x-amz-tagging',
        header,
      );
    return [uriDecode(key.replaceAll('+', ' ')), uriDecode(value.replaceAll('+', ' '))];
  });
  return checkTags(tags, MAX_OBJECT_TAGS);
}

/** Tags of a Tagging document. @throws AwsError MalformedXML, InvalidTag */
export function parseTagging(tagging: XmlNode, of: 'object' | 'bucket'): Record<string, string> {
  const set = child(tagging, 'TagSet');
  if (!set) throw s3Error('MalformedXML');
  const tags = nodes(set, 'Tag').map((tag): [string, string] => {
    const [key, value] = [text(tag, 'Key'), text(tag, 'Value')];
    if (key === undefined || value === undefined) throw s3Error('MalformedXML');
    return [key, value];
  });
  return checkTags(tags, of === 'object' ? MAX_OBJECT_TAGS : MAX_BUCKET_TAGS);
}

export function isEnforcedOwner(bucket: Bucket): boolean {
  const rule = bucket.config.ownershipControls && child(bucket.config.ownershipControls, 'Rule');
  return (rule && text(rule, 'ObjectOwnership')) === 'BucketOwnerEnforced' || rule === undefined;
}

/** Buckets have ACLs switched off unless their ownership controls say otherwise, as on AWS since April 2023. */
function publicAcl(headers: Headers, bucket: Bucket): { acl?: 'public-read' } {
  const acl = headers['x-amz-acl'];
  const isPrivate = acl === undefined || acl === 'private' || acl.startsWith('bucket-owner-');
  if (isPrivate) return {};
  if (isEnforcedOwner(bucket)) throw s3Error('AccessControlListNotSupported');
  if (acl === 'public-read' || acl === 'public-read-write') return { acl: 'public-read' };
  if (acl === 'authenticated-read' || acl === 'aws-exec-read') return {};
  throw invalidArgument('', 'x-amz-acl', acl);
}

/** What the headers of a PUT, POST or CreateMultipartUpload say about the object. */
export function readDetails(headers: Headers, bucket: Bucket): ObjectDetails {
  const tagging = headers['x-amz-tagging'];
  return {
    headers: keptHeaders(headers),
    metadata: userMetadata(headers),
    storageClass: storageClass(headers),
    ...publicAcl(headers, bucket),
    ...(tagging === undefined || tagging === '' ? {} : { tags: parseTagHeader(tagging) }),
  };
}

/** Header values are Latin-1 on the wire; S3 gives other text back as RFC 2047 words. */
function wireText(value: string): string {
  return /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}

/** The headers by which GET and HEAD give the details back. */
export function detailHeaders({ headers, metadata, storageClass: kind, tags }: ObjectDetails): Record<string, string> {
  const answer: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) answer[name] = wireText(value);
  for (const [name, value] of Object.entries(metadata)) answer[`${META}${name}`] = wireText(value);
  if (kind !== 'STANDARD') answer['x-amz-storage-class'] = kind;
  const tagCount = Object.keys(tags ?? {}).length;
  if (tagCount > 0) answer['x-amz-tagging-count'] = String(tagCount);
  return answer;
}
