import { s3Error } from '../errors.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from '../ops/bucket.ts';
import { configOperations } from '../ops/bucket-config.ts';
import { completeMultipartUpload } from '../ops/complete-multipart.ts';
import { copyObject } from '../ops/copy-object.ts';
import { deleteObject, deleteObjects } from '../ops/delete-object.ts';
import { getObject, getObjectAttributes, headObject } from '../ops/get-object.ts';
import { listObjects, listObjectsV2, listObjectVersions } from '../ops/list-objects.ts';
import { listMultipartUploads, listParts } from '../ops/list-uploads.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart, uploadPartCopy } from '../ops/multipart.ts';
import { putObject } from '../ops/put-object.ts';
import { deleteObjectTagging, getObjectAcl, getObjectTagging, putObjectAcl, putObjectTagging } from '../ops/tagging.ts';
import type { Operation, S3Call } from './call.ts';

export interface Route {
  /** As policies name it. */
  readonly action: string;
  readonly run: Operation;
}

/** By `METHOD`, or `METHOD ?parameter` when a query parameter picks another operation. */
type Routes = Readonly<Record<string, Route>>;

const route = (action: string, run: Operation): Route => ({ action: `s3:${action}`, run });

/** Policy actions of bucket documents whose names do not follow from the query parameter. */
const CONFIG_ACTIONS: Readonly<Record<string, string>> = {
  cors: 'BucketCORS',
  encryption: 'EncryptionConfiguration',
  lifecycle: 'LifecycleConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  publicAccessBlock: 'BucketPublicAccessBlock',
};

function configRoutes(): Routes {
  const routes: Record<string, Route> = {};
  for (const [method, operations] of Object.entries(configOperations)) {
    for (const [parameter, run] of Object.entries(operations)) {
      const noun = CONFIG_ACTIONS[parameter] ?? `Bucket${parameter.charAt(0).toUpperCase()}${parameter.slice(1)}`;
      const verb = method === 'GET' ? 'Get' : method === 'DELETE' && parameter === 'policy' ? 'Delete' : 'Put';
      routes[`${method} ?${parameter}`] = route(`${verb}${noun}`, run);
    }
  }
  return routes;
}

const SERVICE: Routes = { GET: route('ListAllMyBuckets', listBuckets) };

const BUCKET: Routes = {
  ...configRoutes(),
  GET: route('ListBucket', listObjects),
  'GET ?list-type': route('ListBucket', listObjectsV2),
  'GET ?versions': route('ListBucketVersions', listObjectVersions),
  'GET ?uploads': route('ListBucketMultipartUploads', listMultipartUploads),
  'GET ?location': route('GetBucketLocation', getBucketLocation),
  HEAD: route('ListBucket', headBucket),
  PUT: route('CreateBucket', createBucket),
  DELETE: route('DeleteBucket', deleteBucket),
  'POST ?delete': route('DeleteObject', deleteObjects),
};

const OBJECT: Routes = {
  GET: route('GetObject', getObject),
  'GET ?uploadId': route('ListMultipartUploadParts', listParts),
  'GET ?tagging': route('GetObjectTagging', getObjectTagging),
  'GET ?acl': route('GetObjectAcl', getObjectAcl),
  'GET ?attributes': route('GetObjectAttributes', getObjectAttributes),
  HEAD: route('GetObject', headObject),
  PUT: route('PutObject', (call) =>
    call.headers['x-amz-copy-source'] === undefined ? putObject(call) : copyObject(call),
  ),
  'PUT ?uploadId': route('PutObject', (call) =>
    call.headers['x-amz-copy-source'] === undefined ? uploadPart(call) : uploadPartCopy(call),
  ),
  'PUT ?tagging': route('PutObjectTagging', putObjectTagging),
  'PUT ?acl': route('PutObjectAcl', putObjectAcl),
  'POST ?uploads': route('PutObject', createMultipartUpload),
  'POST ?uploadId': route('PutObject', completeMultipartUpload),
  DELETE: route('DeleteObject', deleteObject),
  'DELETE ?uploadId': route('AbortMultipartUpload', abortMultipartUpload),
  'DELETE ?tagging': route('DeleteObjectTagging', deleteObjectTagging),
};

/** Sub-resources that S3 has and this does not: they must not be taken for the plain operation. */
const ABSENT = new Set([
  'abac',
  'analytics',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'object-lock',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'restore',
  'retention',
  'select',
  'session',
  'torrent',
  'website',
  ...Object.values(configOperations).flatMap((operations) => Object.keys(operations)),
  'delete',
  'location',
  'notification',
  'tagging',
  'attributes',
  'uploads',
  'uploadId',
  'versions',
]);

function levelOf({ bucket, key }: S3Call): Routes {
  if (bucket === '') return SERVICE;
  return key === '' ? BUCKET : OBJECT;
}

/** @throws AwsError MethodNotAllowed, NotImplemented */
export function findRoute(call: S3Call): Route {
  for (const parameter of call.query.keys()) {
    const found = levelOf(call)[`${call.method} ?${parameter}`];
    if (found) return found;
  }
  const absent = [...call.query.keys()].find((parameter) => ABSENT.has(parameter));
  if (absent !== undefined) {
    throw s3Error('NotImplemented', {
      message: `The sub-resource ${absent} is not available for ${call.method} in the embedded system.`,
    });
  }
  const plain = levelOf(call)[call.method];
  if (plain) return plain;
  throw s3Error('MethodNotAllowed', {
    fields: { Method: call.method, ResourceType: call.key === '' ? 'BUCKET' : 'OBJECT' },
  });
}
