import { s3Error } from '../errors.ts';
import { receiveDocument } from '../http/body.ts';
import { type S3Call, sendEmpty, sendXml } from '../http/call.ts';
import { nodes, parseXml, text } from '../http/xml.ts';
import { requireCurrentVersion } from './get-object.ts';
import { causeOf, conditionally } from './write.ts';

/** S3's limit for one DeleteObjects request. */
const MAX_KEYS = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export async function deleteObject(call: S3Call): Promise<void> {
  const { store, bucket, key, headers } = call;
  store.buckets.require(bucket);
  requireCurrentVersion(call);
  // If-Match: * asks only that there be an object.
  if (headers['if-match'] === '*' && !store.objects.find(bucket, key)) throw s3Error('NoSuchKey');
  await conditionally(call, (check) => {
    check();
    store.deleteObjects(bucket, [key], causeOf(call, 'ObjectRemoved:Delete'));
  });
  sendEmpty(call, 204);
}

function requireIntegrity({ headers }: S3Call): void {
  const isChecked = Object.keys(headers).some(
    (name) => name === 'content-md5' || name.startsWith('x-amz-checksum-') || name === 'x-amz-trailer',
  );
  if (!isChecked) throw s3Error('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(call: S3Call): Promise<void> {
  const { store, bucket } = call;
  store.buckets.require(bucket);
  requireIntegrity(call);
  const document = parseXml(await receiveDocument(call), 'Delete');
  const objects = nodes(document, 'Object');
  const keys = objects.map((object) => text(object, 'Key') ?? '');
  if (keys.length === 0 || keys.length > MAX_KEYS || keys.includes('')) throw s3Error('MalformedXML');

  const known = objects.filter((object) => ['null', '', undefined].includes(text(object, 'VersionId')));
  const deleted = known.map((object) => text(object, 'Key') ?? '');
  store.deleteObjects(bucket, deleted, causeOf(call, 'ObjectRemoved:Delete'));
  const refused = objects.filter((object) => !known.includes(object));
  sendXml(call, {
    root: 'DeleteResult',
    node: {
      Deleted: text(document, 'Quiet') === 'true' ? undefined : deleted.map((Key) => ({ Key })),
      Error: refused.map((object) => ({
        Key: text(object, 'Key'),
        VersionId: text(object, 'VersionId'),
        Code: 'NoSuchVersion',
        Message: 'The specified version does not exist.',
      })),
    },
  });
}
