import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { createCompanionStore } from './companion-store.ts';
import { createDeleteObject } from './s3-objects.ts';

const client = new S3Client({ region: 'eu-west-1' });
const s3 = mockClient(client);
const store = createCompanionStore(client, 'bucket');
const upload = { key: 'originals/aa/x/source', uploadId: 'u' };
const failure = (name: string, httpStatusCode = 404) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

beforeEach(() => {
  s3.reset();
});

describe('open', () => {
  it('asks for no checksum algorithm and keeps type and metadata', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
    const facts = { key: upload.key, contentType: 'image/png', metadata: { tenant: 'acme' } };
    await expect(store.open(facts)).resolves.toBe('u');
    expect(s3.call(0).args[0].input).toEqual({
      Bucket: 'bucket',
      Key: upload.key,
      ContentType: 'image/png',
      Metadata: { tenant: 'acme' },
    });
  });

  it('says that the store is busy when it is', async () => {
    s3.on(CreateMultipartUploadCommand).rejects(failure('SlowDown', 503));
    const call = store.open({ key: upload.key, contentType: 'image/png', metadata: {} });
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 1 });
  });

  it('lets a refusal through as the fault it is', async () => {
    s3.on(CreateMultipartUploadCommand).rejects(failure('AccessDenied', 403));
    const call = store.open({ key: upload.key, contentType: 'image/png', metadata: {} });
    await expect(call).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('listParts', () => {
  it('continues a long list after its last part', async () => {
    s3.on(ListPartsCommand, { PartNumberMarker: '2' }).resolves({
      IsTruncated: true,
      Parts: [{ PartNumber: 3, ETag: '"c"', Size: 5 }],
    });
    await expect(store.listParts(upload, 2)).resolves.toEqual({
      parts: [{ partNumber: 3, etag: 'c', size: 5 }],
      next: 3,
    });
  });

  it('ends with the last page, also when it is empty', async () => {
    s3.on(ListPartsCommand).resolves({});
    await expect(store.listParts(upload, 0)).resolves.toEqual({ parts: [], next: null });
  });

  it('is undefined for an upload that is gone', async () => {
    s3.on(ListPartsCommand).rejects(failure('NoSuchUpload'));
    await expect(store.listParts(upload, 0)).resolves.toBeUndefined();
  });
});

describe('complete', () => {
  it('sends quoted ETags and answers a bare one', async () => {
    s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"whole-1"' });
    await expect(store.complete(upload, [{ partNumber: 1, etag: 'a' }])).resolves.toBe('whole-1');
    expect(s3.call(0).args[0].input).toMatchObject({ MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"a"' }] } });
  });

  it('is undefined for an upload that is gone', async () => {
    s3.on(CompleteMultipartUploadCommand).rejects(failure('NoSuchUpload'));
    await expect(store.complete(upload, [])).resolves.toBeUndefined();
  });

  it('is incomplete when a part changed meanwhile', async () => {
    s3.on(CompleteMultipartUploadCommand).rejects(failure('InvalidPart', 400));
    await expect(store.complete(upload, [])).rejects.toMatchObject({ code: 'UPLOAD_INCOMPLETE' });
  });
});

describe('abort, head, delete', () => {
  it('gives up an upload that is gone without complaint', async () => {
    s3.on(AbortMultipartUploadCommand).rejects(failure('NoSuchUpload'));
    await expect(store.abort(upload)).resolves.toBeUndefined();
  });

  it('reads ETag and size of an object, and nothing of a missing one', async () => {
    s3.on(HeadObjectCommand).resolvesOnce({ ETag: '"e"', ContentLength: 9 }).rejects(failure('NotFound'));
    await expect(store.head('k')).resolves.toEqual({ etag: 'e', size: 9 });
    await expect(store.head('k')).resolves.toBeUndefined();
  });

  it('deletes by bucket and key', async () => {
    s3.on(DeleteObjectCommand).resolves({});
    await createDeleteObject(client, 'bucket')('k');
    expect(s3.call(0).args[0].input).toEqual({ Bucket: 'bucket', Key: 'k' });
  });
});
