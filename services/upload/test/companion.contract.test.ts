import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { signToken } from '@darkroom/runtime/tokens';
import {
  companionBatchSchema,
  companionCompleteSchema,
  companionErrorSchema,
  companionMultipartSchema,
  companionParamsSchema,
  companionPartsSchema,
  companionPartUrlSchema,
} from '@darkroom/types/companion';
import { ulid } from 'ulid';
import { createCompanionStore } from '../src/adapters/companion-store.ts';
import { createCompanionApp } from '../src/functions/companion/app.ts';
import { accessClaims, policy, SECRET } from './support/fixtures.ts';
import { startBucket, type TestBucket } from './support/s3.ts';

/** S3's least size of a part that is not the last. */
const PART = 5_242_880;
let s3: TestBucket;
let client: S3Client;
let bucket: string;

beforeAll(async () => {
  s3 = await startBucket('companion-contract');
  ({ client, bucket } = s3);
});
afterAll(() => s3.stop());

const access = () => signToken(accessClaims({ exp: Math.floor(Date.now() / 1000) + 600 }), SECRET);

const call = async (method: string, path: string, body?: unknown, changes: Partial<typeof policy> = {}) => {
  const app = createCompanionApp({
    logger: createLogger('test'),
    auth: createAuthenticator(() => Promise.resolve(SECRET), Date.now),
    secret: () => Promise.resolve(SECRET),
    store: createCompanionStore(client, bucket),
    bucket,
    policy: { ...policy, ...changes },
    now: Date.now,
    newId: ulid,
    countUpload: () => undefined,
  });
  const answer = await app.request(`/u/${access()}/s3${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
};

const bytesOf = (size: number, seed = 1): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size);
  for (let n = 0; n < size; n += 1) bytes[n] = (n * 31 + seed) % 251;
  return bytes;
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const stored = async (key: string) => {
  const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return { ...object, bytes: (await object.Body?.transformToByteArray()) ?? new Uint8Array() };
};
const isStored = async (key: string) =>
  client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })).then(
    () => true,
    () => false,
  );
/** How many multipart uploads of a key S3 still holds. */
const openUploads = async (key: string) => {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }));
  return Uploads.length;
};

const sendForm = async (query: string, bytes: Uint8Array<ArrayBuffer>, changes: Record<string, string> = {}) => {
  const { url, fields } = companionParamsSchema.parse((await call('GET', `/params?${query}`)).body);
  const key = fields['key'] ?? '';
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) form.append(name, value);
  form.append('file', new Blob([bytes]));
  const answer = await fetch(url, { method: 'POST', body: form });
  return { answer, key, url };
};

const open = async (file: object = {}) => {
  const { body } = await call('POST', '/multipart', { filename: 'a.jpg', type: 'image/jpeg', metadata: {}, ...file });
  const { key, uploadId } = companionMultipartSchema.parse(body);
  const path = `/multipart/${uploadId}`;
  const query = `?key=${encodeURIComponent(key)}`;
  const sign = async (partNumber: number) =>
    companionPartUrlSchema.parse((await call('GET', `${path}/${partNumber}${query}`)).body).url;
  const put = async (partNumber: number, body: Uint8Array<ArrayBuffer>) => {
    const answer = await fetch(await sign(partNumber), { method: 'PUT', body });
    return { status: answer.status, PartNumber: partNumber, ETag: answer.headers.get('etag') ?? '' };
  };
  return {
    key,
    sign,
    put,
    batch: (numbers: string) => call('GET', `${path}/batch${query}&partNumbers=${numbers}`),
    list: () => call('GET', `${path}${query}`),
    abort: () => call('DELETE', `${path}${query}`),
    complete: (parts: unknown, changes: Partial<typeof policy> = {}) =>
      call('POST', `${path}/complete${query}`, { parts }, changes),
  };
};

describe('a form of GET /params', () => {
  it('stores the bytes under whose they are, with the metadata that Uppy sent', async () => {
    const name = encodeURIComponent('写真 ñ.png');
    const query = `filename=${name}&type=image%2Fpng&metadata[name]=${name}&metadata[relativePath]=null&metadata[tenant]=evil`;
    const { answer, key, url } = await sendForm(query, bytesOf(2_000));

    expect(answer.status).toBe(201);
    const object = await stored(key);
    expect(object.bytes).toEqual(bytesOf(2_000));
    expect(object.ContentType).toBe('image/png');
    expect(object.Metadata).toMatchObject({
      tenant: 'acme',
      owner: 'ada',
      filename: '%E5%86%99%E7%9C%9F%20%C3%B1.png',
      relativepath: 'null',
    });
    // Uppy 6 takes the bucket's address, a slash and the key for the location: it must be the one that S3 tells.
    expect(answer.headers.get('location')).toBe(`${url.replace(/\/$/, '')}/${key}`);
  });

  it('takes metadata up to what S3 keeps and leaves out the rest', async () => {
    const query = `filename=a.jpg&type=&metadata[caption]=${'x'.repeat(3_000)}&metadata[license]=cc0`;
    const { answer, key } = await sendForm(query, bytesOf(10));
    expect(answer.status).toBe(201);
    expect((await stored(key)).Metadata).toEqual({ tenant: 'acme', owner: 'ada', filename: 'a.jpg', license: 'cc0' });
  });

  // "the content-length-range condition ensures that the size of uploaded content is between the values" (S3, POST policy)
  it('takes no empty file', async () => {
    const { answer, key } = await sendForm('filename=a.jpg&type=image%2Fjpeg', new Uint8Array(0));
    expect(answer.status).toBe(400);
    await expect(isStored(key)).resolves.toBe(false);
  });

  it.each([
    ['another key', { key: 'originals/00/other/source' }],
    ['another tenant', { 'x-amz-meta-tenant': 'other' }],
    ['another type', { 'content-type': 'text/html' }],
  ])('is refused with %s', async (_, changes) => {
    const { answer, key } = await sendForm('filename=a.jpg&type=image%2Fjpeg', bytesOf(10), changes);
    expect(answer.status).toBe(403);
    await expect(isStored(key)).resolves.toBe(false);
  });
});

describe('an upload in parts', () => {
  const whole = bytesOf(PART + 1_000, 7);

  it('joins unsorted parts, ETags quoted or not, and answers the same as often as it is asked', async () => {
    const upload = await open({ filename: 'é.jpg', metadata: { name: 'é', relativePath: null, width: 5 } });
    const second = await upload.put(2, whole.subarray(PART));
    const first = await upload.put(1, whole.subarray(0, PART));
    const parts = [second, { ...first, ETag: first.ETag.replaceAll('"', '') }];
    const completed = await upload.complete(parts);
    const repeated = await Promise.all([upload.complete(parts), upload.complete([...parts].reverse())]);

    expect(completed.status).toBe(200);
    const { location, key } = companionCompleteSchema.parse(completed.body);
    expect({ location, key }).toEqual({
      location: `${s3.endpoint}/${bucket}/${key}`,
      key: upload.key,
    });
    expect(repeated).toEqual([completed, completed]);
    const object = await stored(upload.key);
    expect(sha256(object.bytes)).toBe(sha256(whole));
    expect(object.Metadata).toEqual({
      tenant: 'acme',
      owner: 'ada',
      filename: '%C3%A9.jpg',
      name: '=?UTF-8?B?w6k=?=',
      relativepath: 'null',
      width: '5',
    });
  });

  it('makes one object of two calls to complete at once', async () => {
    const upload = await open();
    const part = await upload.put(1, bytesOf(100));
    const answers = await Promise.all([upload.complete([part]), upload.complete([part])]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]).toEqual(answers[1]);
  });

  it('takes a batch of URLs, each for its own part only', async () => {
    const upload = await open();
    const { presignedUrls } = companionBatchSchema.parse((await upload.batch('1,2')).body);
    const sent = await fetch(presignedUrls['2'] ?? '', { method: 'PUT', body: bytesOf(10) });
    const elsewhere = (presignedUrls['1'] ?? '').replace('partNumber=1', 'partNumber=3');
    const moved = await fetch(elsewhere, { method: 'PUT', body: bytesOf(10) });

    expect([sent.status, moved.status]).toEqual([200, 403]);
    const parts = companionPartsSchema.parse((await upload.list()).body);
    expect(parts).toMatchObject([{ PartNumber: 2, ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/), Size: 10 }]);
    expect(Date.parse(parts[0]?.LastModified ?? '')).not.toBeNaN();
  });

  it('signs anew when a URL has expired, which S3 says in the words that Uppy 4 and 5 look for', async () => {
    const upload = await open();
    const url = new URL(await upload.sign(1));
    const command = new UploadPartCommand({
      Bucket: bucket,
      Key: upload.key,
      UploadId: url.searchParams.get('uploadId') ?? '',
      PartNumber: 1,
    });
    const old = await getSignedUrl(client, command, { expiresIn: 60, signingDate: new Date(Date.now() - 3_600_000) });
    const refused = await fetch(old, { method: 'PUT', body: bytesOf(10) });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('<Message>Request has expired</Message>');

    const part = await upload.put(1, bytesOf(10));
    await expect(upload.complete([part])).resolves.toMatchObject({ status: 200 });
  });

  it('lists more parts than one page of S3 holds', async () => {
    const upload = await open();
    const numbers = Array.from({ length: 1_003 }, (_, n) => n + 1);
    const { presignedUrls } = companionBatchSchema.parse((await upload.batch(numbers.join(','))).body);
    for (let n = 0; n < numbers.length; n += 16) {
      const few = numbers.slice(n, n + 16);
      await Promise.all(
        few.map((each) => fetch(presignedUrls[each] ?? '', { method: 'PUT', body: bytesOf((each % 7) + 1) })),
      );
    }

    const parts = companionPartsSchema.parse((await upload.list()).body);
    expect(parts.map(({ PartNumber }) => PartNumber)).toEqual(numbers);
    expect(parts.map(({ Size }) => Size)).toEqual(numbers.map((each) => (each % 7) + 1));
    // S3 takes parts below 5 MiB and joins none of them.
    await expect(upload.complete(parts)).resolves.toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    await expect(upload.abort()).resolves.toEqual({ status: 200, body: {} });
  });

  it('gives up what is larger than the limit', async () => {
    const upload = await open();
    const parts = [await upload.put(1, whole.subarray(0, PART)), await upload.put(2, bytesOf(10))];
    const refused = await upload.complete(parts, { maxBytes: PART });
    expect(refused.status).toBe(413);
    expect(companionErrorSchema.parse(refused.body)).toMatchObject({ code: 'TOO_MANY_BYTES' });
    await expect(openUploads(upload.key)).resolves.toBe(0);
    await expect(upload.complete(parts)).resolves.toMatchObject({ status: 410, body: { code: 'UPLOAD_GONE' } });
  });

  it('names a part that is missing or was replaced, and stays open for it', async () => {
    const upload = await open();
    const first = await upload.put(1, whole.subarray(0, PART));
    const wrong = await upload.put(2, bytesOf(1_000, 3));
    const right = await upload.put(2, whole.subarray(PART));
    await expect(upload.complete([first, wrong])).resolves.toMatchObject({
      status: 409,
      body: { code: 'UPLOAD_INCOMPLETE', details: [{ path: 'parts.2', message: 'missing' }] },
    });
    await expect(upload.complete([first, right])).resolves.toMatchObject({ status: 200 });
    expect(sha256((await stored(upload.key)).bytes)).toBe(sha256(whole));
  });

  it('tells a client that crashed after the completion that nothing is left to send', async () => {
    const upload = await open();
    const parts = [await upload.put(1, whole.subarray(0, PART)), await upload.put(2, whole.subarray(PART))];
    const completed = await upload.complete(parts);
    const listed = companionPartsSchema.parse((await upload.list()).body);
    expect(listed.map(({ PartNumber }) => PartNumber)).toEqual([1, 2]);
    await expect(upload.complete(listed)).resolves.toEqual(completed);
  });

  it('leaves nothing behind when it is given up, and nothing away once it is completed', async () => {
    const [given, kept] = [await open(), await open()];
    await given.put(1, bytesOf(10));
    await expect(given.abort()).resolves.toEqual({ status: 200, body: {} });
    await expect(given.abort()).resolves.toEqual({ status: 200, body: {} });
    await expect(openUploads(given.key)).resolves.toBe(0);
    await expect(given.list()).resolves.toMatchObject({ status: 410, body: { code: 'UPLOAD_GONE' } });

    await kept.complete([await kept.put(1, bytesOf(10))]);
    await expect(kept.abort()).resolves.toMatchObject({ status: 200 });
    await expect(isStored(kept.key)).resolves.toBe(true);
  });
});
