import { s3Error } from './errors.ts';
import type { S3Call } from './http/call.ts';
import { child, text } from './http/xml.ts';
import { judge } from './rules/policy.ts';
import type { Bucket } from './store/buckets.ts';

/** The account's root may always mend a policy that locks everyone out. */
const ALWAYS_ROOTS = /^s3:(Get|Put|Delete)BucketPolicy$/;

export function blocks(bucket: Bucket, setting: string): boolean {
  const block = bucket.config.publicAccessBlock;
  return block !== undefined && text(block, setting) === 'true';
}

function contextOf(call: S3Call): Record<string, string> {
  const { identity, headers, query } = call;
  const context: Record<string, string> = {
    // Loopback stands for TLS: policies that demand it are meant for networks.
    'aws:securetransport': 'true',
    'aws:sourceip': call.request.socket.remoteAddress ?? '127.0.0.1',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:prefix': query.get('prefix') ?? '',
  };
  if (identity) {
    context['s3:authtype'] = identity.authType;
    context['s3:signatureage'] = String(Math.max(0, identity.signatureAge));
    context['aws:principalaccount'] = call.store.context.accountId;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (name.startsWith('x-amz-')) context[`s3:${name}`] = value;
    if (name === 'user-agent' || name === 'referer') context[`aws:${name.replace('-', '')}`] = value;
  }
  return context;
}

function isPublicByAcl(call: S3Call, bucket: Bucket, action: string): boolean {
  if (action !== 's3:GetObject' || blocks(bucket, 'IgnorePublicAcls')) return false;
  return call.store.objects.find(call.bucket, call.key)?.details.acl === 'public-read';
}

/**
 * Lets a request through or not: signed ones unless the bucket's policy forbids it, unsigned ones only when policy or ACL make
 * it public.
 * @throws AwsError AccessDenied
 */
export function authorize(call: S3Call, action: string): void {
  const bucket = call.store.buckets.find(call.bucket);
  if (bucket) {
    if (!isAllowed(call, bucket, action)) throw s3Error('AccessDenied');
    return;
  }
  // Whether a bucket exists is no secret, in S3 neither; the list of buckets is.
  if (call.identity === undefined && call.bucket === '') throw s3Error('AccessDenied');
}

function isAllowed(call: S3Call, bucket: Bucket, action: string): boolean {
  const isSigned = call.identity !== undefined;
  if (isSigned && (bucket.config.policy === undefined || ALWAYS_ROOTS.test(action))) return true;
  const resource = `arn:aws:s3:::${call.bucket}${call.key === '' ? '' : `/${call.key}`}`;
  const verdict = judge(bucket, { action, resource, context: contextOf(call) });
  if (verdict === 'deny') return false;
  const isPublic = verdict === 'allow' && !blocks(bucket, 'RestrictPublicBuckets');
  return isSigned || isPublic || isPublicByAcl(call, bucket, action);
}

/** True when ownership controls let ACLs count at all. */
export function ownershipOf(bucket: Bucket): string {
  const rule = bucket.config.ownershipControls && child(bucket.config.ownershipControls, 'Rule');
  return (rule && text(rule, 'ObjectOwnership')) ?? 'BucketOwnerEnforced';
}
