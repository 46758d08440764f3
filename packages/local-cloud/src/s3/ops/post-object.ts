import { createHash } from 'node:crypto';
import { type PostGrant, verifyPostForm } from '../../sigv4/post-policy.ts';
import { authorize } from '../access.ts';
import { type Algorithm, ALGORITHMS, type Checksum, createDigester, headerName, requireDigest } from '../checksums.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { endWriter } from '../http/body.ts';
import { locationOf, type S3Call, sendEmpty, sendXml } from '../http/call.ts';
import { parseTagging, readDetails } from '../http/details.ts';
import { type FormFile, readForm } from '../http/form.ts';
import { parseXml } from '../http/xml.ts';
import type { Bucket } from '../store/buckets.ts';
import type { ObjectDetails, StoredObject } from '../store/model.ts';
import { causeOf, checksumHeaders, committing, encryptionHeaders, quoted, refuseUnsupported } from './write.ts';

/** 5 GiB, as for every upload in one piece. */
const MAX_POST_BYTES = 5 * 1024 ** 3;
const MAX_KEY_BYTES = 1024;

function requireKey(fields: ReadonlyMap<string, string>): string {
  const key = fields.get('key');
  if (key === undefined || key === '') {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    );
  }
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw s3Error('KeyTooLongError');
  return key;
}

/** `${filename}` stands for the last part of the file's name, wherever it is used. */
function withFilename(fields: ReadonlyMap<string, string>, file: FormFile): Map<string, string> {
  const name = file.filename.replace(/^.*[/\\]/, '');
  const exempt = new Set(['policy', 'x-amz-signature']);
  // A function, so that `$&` in a file's name means itself.
  return new Map(
    [...fields].map(([field, value]) => [
      field,
      exempt.has(field) ? value : value.replaceAll('${filename}', () => name),
    ]),
  );
}

/** The fields of a form that stand for headers. The type of the file's own part counts for nothing: no policy covers it. */
function headersOf(fields: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...fields].map(([name, value]) => [name === 'acl' ? 'x-amz-acl' : name, value]));
}

/** What the fields say about the object; tags come as a document here. */
function detailsOf(fields: ReadonlyMap<string, string>, bucket: Bucket): ObjectDetails {
  const details = readDetails(headersOf(fields), bucket);
  const tagging = fields.get('tagging');
  return tagging === undefined ? details : { ...details, tags: parseTagging(parseXml(tagging, 'Tagging'), 'object') };
}

function announcedChecksum(fields: ReadonlyMap<string, string>): { algorithm: Algorithm; value: string } | undefined {
  const algorithm = ALGORITHMS.find((one) => fields.has(headerName(one)));
  return algorithm && { algorithm, value: requireDigest(algorithm, fields.get(headerName(algorithm)) ?? '') };
}

interface Limits {
  readonly minLength: number;
  readonly maxLength: number;
}

interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly limits: Limits;
}

/** Lets the file's bytes through while they are not too many. @throws AwsError EntityTooLarge, EntityTooSmall */
async function* within(
  { pieces }: FormFile,
  { minLength, maxLength }: Limits,
): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > maxLength)
      throw s3Error('EntityTooLarge', { fields: { ProposedSize: size, MaxSizeAllowed: maxLength } });
    yield piece;
  }
  if (size < minLength) throw s3Error('EntityTooSmall', { fields: { ProposedSize: size, MinSizeAllowed: minLength } });
}

/** Takes the file and checks size, MD5 and checksum. */
async function receive(call: S3Call, file: FormFile, { fields, limits }: Form) {
  const announced = announcedChecksum(fields);
  const digester = announced && createDigester(announced.algorithm);
  const md5 = createHash('md5');
  const writer = call.store.bodies.createWriter();
  try {
    for await (const piece of within(file, limits)) {
      md5.update(piece);
      digester?.update(piece);
      await writer.write(piece);
    }
    const digest = md5.digest();
    requireMd5(fields, digest);
    const checksum = announced && requireChecksum(announced, digester?.digest());
    return { name: await endWriter(writer), size: writer.size, etag: digest.toString('hex'), checksum };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function requireMd5(fields: Form['fields'], computed: Buffer): void {
  const expected = fields.get('content-md5');
  if (expected !== undefined && expected !== computed.toString('base64')) throw s3Error('BadDigest');
}

function requireChecksum(announced: { algorithm: Algorithm; value: string }, computed: string | undefined): Checksum {
  if (announced.value === computed) return { ...announced, type: 'FULL_OBJECT' };
  throw s3Error('BadDigest', {
    message: `The ${announced.algorithm} you specified did not match the calculated checksum.`,
  });
}

function redirectTo(fields: ReadonlyMap<string, string>, object: StoredObject): string | undefined {
  const target = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (target === undefined || !URL.canParse(target)) return undefined;
  const url = new URL(target);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  url.searchParams.set('bucket', object.bucket);
  url.searchParams.set('key', object.key);
  url.searchParams.set('etag', quoted(object.etag));
  return url.href;
}

function answer(call: S3Call, fields: ReadonlyMap<string, string>, object: StoredObject): void {
  const location = locationOf(call, object.key);
  const headers = {
    etag: quoted(object.etag),
    ...checksumHeaders(object.details.checksum),
    ...encryptionHeaders(call.store.buckets.require(call.bucket)),
  };
  const redirect = redirectTo(fields, object);
  if (redirect !== undefined) {
    sendEmpty(call, 303, { ...headers, location: redirect });
    return;
  }
  const status = fields.get('success_action_status');
  if (status !== '201') {
    sendEmpty(call, status === '200' ? 200 : 204, { ...headers, location });
    return;
  }
  const node = { Location: location, Bucket: object.bucket, Key: object.key, ETag: quoted(object.etag) };
  sendXml(call, { root: 'PostResponse', node, status: 201, headers: { ...headers, location } });
}

function grantOf(call: S3Call, fields: ReadonlyMap<string, string>): PostGrant | undefined {
  const { credentials, now } = call.store.context;
  return verifyPostForm(fields, call.bucket, { credentials, now });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
export async function postObject(call: S3Call): Promise<void> {
  const { store, bucket } = call;
  const owner = store.buckets.require(bucket);
  const chunks = call.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const { fields: sent, file } = await readForm(chunks, call.headers['content-type'] ?? '');
  const fields = withFilename(sent, file);
  const key = requireKey(fields);
  const grant = grantOf(call, fields);
  const asPut: S3Call = { ...call, key, identity: grant?.identity, headers: { ...call.headers, ...headersOf(fields) } };
  authorize(asPut, 's3:PutObject');
  refuseUnsupported(asPut);
  const details = detailsOf(fields, owner);
  const limits = {
    minLength: grant?.minLength ?? 0,
    maxLength: Math.min(grant?.maxLength ?? MAX_POST_BYTES, MAX_POST_BYTES),
  };
  const { name, size, etag, checksum } = await receive(call, file, { fields, limits });
  const object = committing(call, name, () => {
    store.buckets.require(bucket);
    const fresh = {
      bucket,
      key,
      file: name,
      upload: null,
      size,
      etag,
      details: checksum ? { ...details, checksum } : details,
    };
    return store.putObject(fresh, causeOf(call, 'ObjectCreated:Post'));
  });
  answer(call, fields, object);
}
