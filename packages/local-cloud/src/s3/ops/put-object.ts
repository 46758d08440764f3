import type { Checksum } from '../checksums.ts';
import { receiveFile } from '../http/body.ts';
import { type S3Call, sendEmpty } from '../http/call.ts';
import { readDetails } from '../http/details.ts';
import {
  causeOf,
  checksumHeaders,
  committing,
  conditionally,
  encryptionHeaders,
  quoted,
  refuseUnsupported,
} from './write.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(call: S3Call): Promise<void> {
  const { store, bucket, key } = call;
  const owner = store.buckets.require(bucket);
  refuseUnsupported(call);
  const details = readDetails(call.headers, owner);
  const stored = await conditionally(call, async (check) => {
    const { file, body } = await receiveFile(call);
    const checksum: Checksum | undefined = body.checksum && { ...body.checksum, type: 'FULL_OBJECT' };
    return committing(call, file, () => {
      store.buckets.require(bucket);
      check();
      const object = { bucket, key, file, upload: null, size: body.size, etag: body.md5 };
      return store.putObject(
        { ...object, details: checksum ? { ...details, checksum } : details },
        causeOf(call, 'ObjectCreated:Put'),
      );
    });
  });
  sendEmpty(call, 200, {
    etag: quoted(stored.etag),
    'x-amz-object-size': stored.size,
    ...checksumHeaders(stored.details.checksum),
    ...encryptionHeaders(owner),
  });
}
