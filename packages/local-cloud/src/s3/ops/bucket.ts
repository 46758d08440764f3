import { invalidArgument, s3Error } from '../errors.ts';
import { receiveDocument } from '../http/body.ts';
import { type S3Call, sendEmpty, sendXml } from '../http/call.ts';
import { child, parseXml, text, type XmlNode } from '../http/xml.ts';
import type { BucketConfig } from '../store/buckets.ts';
import { isoTime } from './write.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(\.\.|-s3alias$|--ol-s3$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** @throws AwsError InvalidBucketName */
export function requireBucketName(name: string): void {
  if (NAME.test(name) && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return;
  throw s3Error('InvalidBucketName', { fields: { BucketName: name } });
}

async function readRegion(call: S3Call): Promise<string> {
  const body = await receiveDocument(call);
  const document: XmlNode = body === '' ? {} : parseXml(body, 'CreateBucketConfiguration');
  return text(document, 'LocationConstraint') ?? text(child(document, 'Location') ?? {}, 'Name') ?? '';
}

function initialConfig({ headers }: S3Call): BucketConfig {
  const ownership = headers['x-amz-object-ownership'];
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private' && (ownership ?? 'BucketOwnerEnforced') === 'BucketOwnerEnforced') {
    throw s3Error('InvalidArgument', {
      message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    });
  }
  if (headers['x-amz-bucket-object-lock-enabled'] === 'true')
    throw s3Error('NotImplemented', { fields: { Header: 'x-amz-bucket-object-lock-enabled' } });
  return ownership === undefined ? {} : { ownershipControls: { Rule: [{ ObjectOwnership: ownership }] } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export async function createBucket(call: S3Call): Promise<void> {
  const { store, bucket } = call;
  requireBucketName(bucket);
  const region = await readRegion(call);
  const { region: home, now } = store.context;
  if (store.buckets.find(bucket)) {
    // In us-east-1 alone S3 takes it as a repetition.
    if (home !== 'us-east-1' || region !== '')
      throw s3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: bucket } });
  } else {
    store.buckets.put({
      name: bucket,
      created: now(),
      region: region === '' ? home : region,
      config: initialConfig(call),
    });
  }
  sendEmpty(call, 200, { location: `/${bucket}` });
}

export function headBucket(call: S3Call): void {
  const { region } = call.store.buckets.require(call.bucket);
  call.response.writeHead(200, {
    'x-amz-bucket-region': region,
    'x-amz-access-point-alias': 'false',
    'content-type': 'application/xml',
  });
  call.response.end();
}

export function deleteBucket(call: S3Call): void {
  const { store, bucket } = call;
  store.buckets.require(bucket);
  if (store.objects.range(bucket, { prefix: '', from: '', limit: 1 }).length > 0) {
    throw s3Error('BucketNotEmpty', { fields: { BucketName: bucket } });
  }
  store.removeBucket(bucket);
  sendEmpty(call, 204);
}

export function getBucketLocation(call: S3Call): void {
  const { region } = call.store.buckets.require(call.bucket);
  // The element's own text is the answer, and nothing for us-east-1.
  sendXml(call, { root: 'LocationConstraint', node: { '#text': region === 'us-east-1' ? '' : region } });
}

const MAX_BUCKETS = 10_000;

function maxBucketsOf({ query }: S3Call): number {
  const max = Number(query.get('max-buckets') ?? MAX_BUCKETS);
  if (Number.isInteger(max) && max >= 1 && max <= MAX_BUCKETS) return max;
  throw invalidArgument(
    `Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS}`,
    'max-buckets',
    String(max),
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function listBuckets(call: S3Call): void {
  const { store, query } = call;
  const prefix = query.get('prefix') ?? '';
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString('utf8');
  const all = store.buckets.list().filter(({ name }) => name.startsWith(prefix) && name > after);
  const page = all.slice(0, maxBucketsOf(call));
  const last = page.at(-1);
  sendXml(call, {
    root: 'ListAllMyBucketsResult',
    node: {
      Owner: { ID: store.context.accountId.padStart(64, '0'), DisplayName: 'local' },
      Buckets: {
        Bucket: page.map(({ name, created, region }) => ({
          Name: name,
          CreationDate: isoTime(created),
          BucketRegion: region,
        })),
      },
      ContinuationToken: last && all.length > page.length ? Buffer.from(last.name).toString('base64url') : undefined,
      Prefix: prefix === '' ? undefined : prefix,
    },
  });
}
