import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { type CreateUploadResponse, createUploadResponseSchema, listPartsResponseSchema } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import { ulid } from 'ulid';
import { createUploadStore } from '../src/adapters/s3-store.ts';
import { createApp } from '../src/functions/api/app.ts';
import { createCompleteApp } from '../src/functions/complete/app.ts';
import { accessClaims, bearer, policy, SECRET } from './support/fixtures.ts';
import { startBucket, type TestBucket } from './support/s3.ts';

const PART = 100_000;
let s3: TestBucket;
let client: S3Client;
let bucket: string;

beforeAll(async () => {
  s3 = await startBucket('upload-contract');
  ({ client, bucket } = s3);
});
afterAll(() => s3.stop());

const logger = createLogger('test');
const auth = createAuthenticator(() => Promise.resolve(SECRET), Date.now);
const completeApp = () => createCompleteApp({ logger, auth, store: createUploadStore(client, bucket) });
const apiApp = () =>
  createApp({
    logger,
    auth,
    secret: () => Promise.resolve(SECRET),
    store: createUploadStore(client, bucket),
    policy: { ...policy, singlePostMaxBytes: 50_000, partBytes: PART },
    now: Date.now,
    newId: ulid,
    countUpload: () => undefined,
  });
const exp = () => Math.floor(Date.now() / 1000) + 600;

const request = async (method: string, path: string, headers: Record<string, string>, body?: unknown) => {
  const app = path.endsWith('/complete') ? completeApp() : apiApp();
  const answer = await app.request(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
};

const create = async (announcement: object): Promise<CreateUploadResponse> => {
  const { body } = await request('POST', '/uploads', bearer(accessClaims({ exp: exp() })), announcement);
  const created = createUploadResponseSchema.parse(body);
  return created;
};

/** Calls a route of an upload with its own token. */
const on = (created: CreateUploadResponse) => (method: string, route: string, body?: unknown) =>
  request(method, `/uploads/${created.imageId}${route}`, { authorization: `Bearer ${created.uploadToken}` }, body);

const sendForm = (
  { upload }: CreateUploadResponse,
  bytes: Uint8Array<ArrayBuffer>,
  changes: Record<string, string> = {},
) => {
  if (upload.kind !== 'post') throw new Error('expected a single POST');
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...upload.fields, ...changes })) form.append(name, value);
  form.append('file', new Blob([bytes]));
  return fetch(upload.url, { method: 'POST', body: form });
};

const stored = async ({ imageId }: CreateUploadResponse) => {
  const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: originalKey(imageId) }));
  return { ...object, bytes: await object.Body?.transformToByteArray() };
};

const bytesOf = (size: number, seed = 1) => Uint8Array.from({ length: size }, (_, n) => (n * 31 + seed) % 251);

describe('a single POST', () => {
  const announcement = { size: 2_000, contentType: 'image/png', filename: 'Straße 1.png', sha256: 'a'.repeat(64) };

  it('stores the bytes with type, tenant, owner, name and digest', async () => {
    const created = await create(announcement);
    const answer = await sendForm(created, bytesOf(2_000));

    expect(answer.status).toBe(201);
    const object = await stored(created);
    expect(object.bytes).toEqual(bytesOf(2_000));
    expect(object.ContentType).toBe('image/png');
    expect(object.Metadata).toEqual({
      tenant: 'acme',
      owner: 'ada',
      filename: 'Stra%C3%9Fe%201.png',
      sha256: 'a'.repeat(64),
    });
  });

  it('takes the same file again: a client that never heard the answer sends it twice', async () => {
    const created = await create(announcement);
    const first = await sendForm(created, bytesOf(2_000));
    const { body } = await on(created)('POST', '/sign');
    const again = await sendForm({ ...created, ...(body as Pick<CreateUploadResponse, 'upload'>) }, bytesOf(2_000));
    expect([first.status, again.status]).toEqual([201, 201]);
  });

  // "the content-length-range condition ensures that the size of uploaded content is between the values" (S3, POST policy)
  it.each([1_999, 2_001])('is refused with %p bytes instead of 2,000', async (size) => {
    const created = await create(announcement);
    const answer = await sendForm(created, bytesOf(size));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await expect(stored(created)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  // "each form field that you specify in a form must appear in the list of policy conditions", each with its value (ibid.)
  it.each([
    ['another key', { key: 'originals/00/other/source' }],
    ['another tenant', { 'x-amz-meta-tenant': 'other' }],
    ['another owner', { 'x-amz-meta-owner': 'bob' }],
    ['another type', { 'Content-Type': 'text/html' }],
    ['a field more', { 'x-amz-meta-more': '1' }],
    ['a public ACL', { acl: 'public-read' }],
  ])('is refused with %s', async (_, changes) => {
    const created = await create(announcement);
    const answer = await sendForm(created, bytesOf(2_000), changes);
    expect(answer.status).toBe(403);
    await expect(stored(created)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('an upload in parts', () => {
  const size = PART + 1_000;
  const announcement = { size, contentType: 'image/jpeg', filename: 'b.jpg' };
  const whole = bytesOf(size, 7);

  const sendPart = async ({ upload }: CreateUploadResponse, partNumber: number, bytes?: Uint8Array) => {
    if (upload.kind !== 'multipart') throw new Error('expected an upload in parts');
    const part = upload.parts.find((each) => each.partNumber === partNumber);
    const start = (partNumber - 1) * upload.partSize;
    const body = (bytes ?? whole.subarray(start, start + (part?.size ?? 0))) as Uint8Array<ArrayBuffer>;
    const answer = await fetch(part?.url ?? '', { method: 'PUT', body });
    return { status: answer.status, etag: answer.headers.get('etag') ?? '' };
  };

  it('survives a crash after the first part, completes, and completes again', async () => {
    const created = await create(announcement);
    const call = on(created);
    const first = await sendPart(created, 1);
    // The client crashes here and comes back with nothing but its token.
    const listed = listPartsResponseSchema.parse((await call('GET', '/parts')).body);
    expect(listed).toEqual({
      parts: [{ partNumber: 1, etag: first.etag.replaceAll('"', ''), size: PART }],
      next: null,
    });
    const resigned = await call('POST', '/sign');
    const second = await sendPart({ ...created, ...(resigned.body as Pick<CreateUploadResponse, 'upload'>) }, 2);

    const parts = [
      { partNumber: 2, etag: second.etag },
      { partNumber: 1, etag: first.etag.replaceAll('"', '') },
    ];
    const completed = await call('POST', '/complete', { parts });
    const repeated = await call('POST', '/complete', { parts });

    expect(completed).toMatchObject({ status: 200, body: { imageId: created.imageId } });
    expect(repeated).toEqual(completed);
    const object = await stored(created);
    expect(Buffer.compare(object.bytes ?? new Uint8Array(), whole)).toBe(0);
    expect(object.Metadata).toEqual({
      tenant: 'acme',
      owner: 'ada',
      filename: 'b.jpg',
      sha256: createHash('sha256').update(whole).digest('hex'),
    });
    expect(object.ContentType).toBe('image/jpeg');
  });

  it('tells a client that crashed after the completion that nothing is left to send', async () => {
    const created = await create(announcement);
    const call = on(created);
    const parts = [
      { partNumber: 1, ...(await sendPart(created, 1)) },
      { partNumber: 2, ...(await sendPart(created, 2)) },
    ].map(({ partNumber, etag }) => ({ partNumber, etag }));
    const completed = await call('POST', '/complete', { parts });

    const listed = listPartsResponseSchema.parse((await call('GET', '/parts')).body);
    expect(listed.parts.map((part) => part.size)).toEqual([PART, 1_000]);
    const again = listed.parts.map(({ partNumber, etag }) => ({ partNumber, etag }));
    await expect(call('POST', '/complete', { parts: again })).resolves.toEqual(completed);
  });

  it('names the parts that are missing and stays open for them', async () => {
    const created = await create(announcement);
    const call = on(created);
    const first = await sendPart(created, 1);
    const incomplete = await call('POST', '/complete', { parts: [{ partNumber: 1, etag: first.etag }] });
    expect(incomplete).toMatchObject({
      status: 409,
      body: { code: 'UPLOAD_INCOMPLETE', details: [{ path: 'parts.2' }] },
    });

    const second = await sendPart(created, 2);
    const parts = [first, second].map(({ etag }, n) => ({ partNumber: n + 1, etag }));
    await expect(call('POST', '/complete', { parts })).resolves.toMatchObject({ status: 200 });
  });

  // The signature covers Content-Length (SigV4: every signed header must arrive with the value that was signed).
  it('refuses a part that is longer than its URL says', async () => {
    const created = await create(announcement);
    const answer = await sendPart(created, 2, bytesOf(1_001));
    expect(answer.status).toBe(403);
    await on(created)('DELETE', '');
  });

  it('holds nothing after it was given up, which may be said twice', async () => {
    const created = await create(announcement);
    const call = on(created);
    await sendPart(created, 1);
    await expect(call('DELETE', '')).resolves.toMatchObject({ status: 204 });
    await expect(call('DELETE', '')).resolves.toMatchObject({ status: 204 });
    await expect(call('GET', '/parts')).resolves.toMatchObject({ status: 200, body: { parts: [], next: null } });
  });
});
