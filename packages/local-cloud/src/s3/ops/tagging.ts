import { isEnforcedOwner, parseTagging } from '../http/details.ts';
import { s3Error } from '../errors.ts';
import { receiveDocument } from '../http/body.ts';
import { type S3Call, sendEmpty, sendXml } from '../http/call.ts';
import { parseXml } from '../http/xml.ts';
import type { ObjectDetails } from '../store/model.ts';
import { ownerAcl } from './bucket-config.ts';
import { requireObject } from './get-object.ts';
import { causeOf } from './write.ts';

export function getObjectTagging(call: S3Call): void {
  const { tags = {} } = requireObject(call).details;
  sendXml(call, {
    root: 'Tagging',
    node: { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } },
  });
}

export async function putObjectTagging(call: S3Call): Promise<void> {
  requireObject(call);
  const tags = parseTagging(parseXml(await receiveDocument(call), 'Tagging'), 'object');
  // The object is looked up again, for the body took time.
  const object = requireObject(call);
  call.store.changeDetails(object, { ...object.details, tags }, causeOf(call, 'ObjectTagging:Put'));
  sendEmpty(call, 200);
}

export function deleteObjectTagging(call: S3Call): void {
  const object = requireObject(call);
  const { tags: _tags, ...details } = object.details;
  call.store.changeDetails(object, details, causeOf(call, 'ObjectTagging:Delete'));
  sendEmpty(call, 204);
}

export function getObjectAcl(call: S3Call): void {
  const object = requireObject(call);
  sendXml(call, { root: 'AccessControlPolicy', node: ownerAcl(call, object.details.acl === 'public-read') });
}

/** Canned ACLs only. */
export function putObjectAcl(call: S3Call): void {
  const object = requireObject(call);
  const acl = call.headers['x-amz-acl'];
  if (acl === undefined)
    throw s3Error('NotImplemented', { message: 'Access control lists can be put by the x-amz-acl header only.' });
  const isPublic = acl.startsWith('public-read');
  if (isPublic && isEnforcedOwner(call.store.buckets.require(call.bucket)))
    throw s3Error('AccessControlListNotSupported');
  const { acl: _acl, ...rest } = object.details;
  const details: ObjectDetails = isPublic ? { ...rest, acl: 'public-read' } : rest;
  call.store.transaction(() => call.store.objects.setDetails({ ...object, details }));
  sendEmpty(call, 200);
}
