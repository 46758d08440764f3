import { randomUUID } from 'node:crypto';
import { blocks, ownershipOf } from '../access.ts';
import { invalidArgument, s3Error, type S3ErrorCode } from '../errors.ts';
import { receiveDocument } from '../http/body.ts';
import { type Operation, type S3Call, sendEmpty, sendXml } from '../http/call.ts';
import { parseTagging } from '../http/details.ts';
import { child, nodes, parseXml, text, type XmlNode } from '../http/xml.ts';
import { parseCors } from '../rules/cors.ts';
import { parseLifecycle } from '../rules/lifecycle.ts';
import { parseQueueRules, testMessage } from '../rules/notifications.ts';
import { isPublicPolicy } from '../rules/policy.ts';
import type { BucketConfig } from '../store/buckets.ts';
import type { S3Store } from '../store/store.ts';
import { AwsError } from '../../service.ts';

type DocumentName = Exclude<keyof BucketConfig, 'policy' | 'acl'>;

interface DocumentKind {
  readonly root: string;
  /** The error of a GET when there is none, or what S3 answers then. */
  readonly missing: S3ErrorCode | XmlNode;
  /** Throws for what S3 refuses. */
  readonly check?: (document: XmlNode) => unknown;
  /** Status of a PUT: 200 unless given. */
  readonly status?: number;
}

function oneOf(values: readonly string[], value: string | undefined): void {
  if (value === undefined || !values.includes(value)) throw s3Error('MalformedXML');
}

/** The documents of a bucket by their query parameter. */
const DOCUMENTS: Readonly<Record<DocumentName, DocumentKind>> = {
  accelerate: { root: 'AccelerateConfiguration', missing: {} },
  cors: { root: 'CORSConfiguration', missing: 'NoSuchCORSConfiguration', check: parseCors },
  encryption: {
    root: 'ServerSideEncryptionConfiguration',
    // S3 encrypts every bucket since January 2023.
    missing: { Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: 'false' }] },
    check: (document) => {
      const rule = child(document, 'Rule');
      const byDefault = rule && child(rule, 'ApplyServerSideEncryptionByDefault');
      oneOf(['AES256', 'aws:kms', 'aws:kms:dsse'], byDefault && text(byDefault, 'SSEAlgorithm'));
    },
  },
  lifecycle: { root: 'LifecycleConfiguration', missing: 'NoSuchLifecycleConfiguration', check: parseLifecycle },
  logging: { root: 'BucketLoggingStatus', missing: {} },
  notification: { root: 'NotificationConfiguration', missing: {}, check: parseQueueRules },
  ownershipControls: {
    root: 'OwnershipControls',
    missing: 'OwnershipControlsNotFoundError',
    check: (document) => {
      const rule = child(document, 'Rule');
      oneOf(['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'], rule && text(rule, 'ObjectOwnership'));
    },
  },
  publicAccessBlock: { root: 'PublicAccessBlockConfiguration', missing: 'NoSuchPublicAccessBlockConfiguration' },
  requestPayment: { root: 'RequestPaymentConfiguration', missing: { Payer: 'BucketOwner' } },
  tagging: {
    root: 'Tagging',
    missing: 'NoSuchTagSet',
    check: (document) => parseTagging(document, 'bucket'),
    status: 204,
  },
  versioning: {
    root: 'VersioningConfiguration',
    missing: {},
    check: (document) => oneOf(['Enabled', 'Suspended'], text(document, 'Status')),
  },
};

function get(name: DocumentName): Operation {
  return (call) => {
    const { root, missing } = DOCUMENTS[name];
    const document = call.store.buckets.require(call.bucket).config[name];
    if (document === undefined && typeof missing === 'string')
      throw s3Error(missing, { fields: { BucketName: call.bucket } });
    sendXml(call, { root, node: document ?? (missing as XmlNode) });
  };
}

function put(name: Exclude<DocumentName, 'notification'>): Operation {
  return async (call) => {
    call.store.buckets.require(call.bucket);
    const { root, check, status = 200 } = DOCUMENTS[name];
    const document = parseXml(await receiveDocument(call), root);
    check?.(document);
    call.store.buckets.configure(call.bucket, { [name]: document });
    sendEmpty(call, status);
  };
}

function remove(name: DocumentName | 'policy'): Operation {
  return (call) => {
    call.store.buckets.configure(call.bucket, { [name]: undefined });
    sendEmpty(call, 204);
  };
}

/** Rules without an id get one, as S3 gives them. */
function withIds(document: XmlNode): XmlNode {
  const rules = nodes(document, 'QueueConfiguration').map((rule) => ({
    ...rule,
    Id: text(rule, 'Id') ?? randomUUID(),
  }));
  return rules.length > 0 ? { ...document, QueueConfiguration: rules } : document;
}

export interface NotificationChange {
  readonly bucket: string;
  readonly document: XmlNode;
  readonly requestId: string;
  /** False to take the queues on trust. */
  readonly validates: boolean;
}

/**
 * Puts a notification configuration and sends each queue `s3:TestEvent`.
 * @throws AwsError InvalidArgument when a queue does not take it.
 */
export function configureNotifications(store: S3Store, change: NotificationChange): void {
  const document = withIds(change.document);
  const rules = parseQueueRules(document);
  for (const { queueArn } of change.validates ? rules : []) {
    try {
      store.sendToQueue(queueArn, testMessage(change.bucket, change.requestId, store.context.now()));
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause;
      throw invalidArgument(
        'Unable to validate the following destination configurations',
        queueArn,
        'The destination queue does not exist',
      );
    }
  }
  store.buckets.configure(change.bucket, { notification: Object.keys(document).length > 0 ? document : undefined });
}

async function putNotification(call: S3Call): Promise<void> {
  const { store, bucket, requestId } = call;
  store.buckets.require(bucket);
  const document = parseXml(await receiveDocument(call), 'NotificationConfiguration');
  const validates = call.headers['x-amz-skip-destination-validation']?.toLowerCase() !== 'true';
  configureNotifications(store, { bucket, document, requestId, validates });
  sendEmpty(call, 200);
}

async function putPolicy(call: S3Call): Promise<void> {
  const bucket = call.store.buckets.require(call.bucket);
  const policy = await receiveDocument(call);
  if (isPublicPolicy(policy) && blocks(bucket, 'BlockPublicPolicy')) throw s3Error('AccessDenied');
  call.store.buckets.configure(call.bucket, { policy });
  sendEmpty(call, 204);
}

function requirePolicy(call: S3Call): string {
  const { policy } = call.store.buckets.require(call.bucket).config;
  if (policy === undefined) throw s3Error('NoSuchBucketPolicy', { fields: { BucketName: call.bucket } });
  return policy;
}

function getPolicy(call: S3Call): void {
  const policy = requirePolicy(call);
  call.response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(policy) })
    .end(policy);
}

function getPolicyStatus(call: S3Call): void {
  sendXml(call, { root: 'PolicyStatus', node: { IsPublic: isPublicPolicy(requirePolicy(call)) } });
}

/** The owner may do everything; buckets have no other grants here. */
export function ownerAcl(call: S3Call, isPublic: boolean): XmlNode {
  const owner = { ID: call.store.context.accountId.padStart(64, '0'), DisplayName: 'local' };
  const attributes = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type';
  const everyone = { URI: 'http://acs.amazonaws.com/groups/global/AllUsers' };
  return {
    Owner: owner,
    AccessControlList: {
      Grant: [
        { [`Grantee ${attributes}="CanonicalUser"`]: owner, Permission: 'FULL_CONTROL' },
        ...(isPublic ? [{ [`Grantee ${attributes}="Group"`]: everyone, Permission: 'READ' }] : []),
      ],
    },
  };
}

function getAcl(call: S3Call): void {
  call.store.buckets.require(call.bucket);
  sendXml(call, { root: 'AccessControlPolicy', node: ownerAcl(call, false) });
}

/** A bucket can be opened by its policy; an ACL that would open it is refused instead of ignored. */
function putAcl(call: S3Call): void {
  const bucket = call.store.buckets.require(call.bucket);
  const acl = call.headers['x-amz-acl'] ?? 'private';
  if (acl === 'private') {
    sendEmpty(call, 200);
    return;
  }
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') throw s3Error('AccessControlListNotSupported');
  throw s3Error('NotImplemented', { fields: { Header: 'x-amz-acl' } });
}

const settable: readonly Exclude<DocumentName, 'notification'>[] = [
  'accelerate',
  'cors',
  'encryption',
  'lifecycle',
  'logging',
  'ownershipControls',
  'publicAccessBlock',
  'requestPayment',
  'tagging',
  'versioning',
];
const removable: readonly DocumentName[] = [
  'cors',
  'encryption',
  'lifecycle',
  'ownershipControls',
  'publicAccessBlock',
  'tagging',
];

/** Operations on bucket documents by method and query parameter. */
export const configOperations: Readonly<Record<'GET' | 'PUT' | 'DELETE', Readonly<Record<string, Operation>>>> = {
  GET: {
    ...Object.fromEntries((Object.keys(DOCUMENTS) as DocumentName[]).map((name) => [name, get(name)])),
    policy: getPolicy,
    policyStatus: getPolicyStatus,
    acl: getAcl,
  },
  PUT: {
    ...Object.fromEntries(settable.map((name) => [name, put(name)])),
    notification: putNotification,
    policy: putPolicy,
    acl: putAcl,
  },
  DELETE: { ...Object.fromEntries(removable.map((name) => [name, remove(name)])), policy: remove('policy') },
};
