import { setTimeout } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import {
  type ByteRange,
  type ChunkOrder,
  createUploadResponseSchema,
  errorBodySchema,
  type SignedChunk,
  signChunksResponseSchema,
  uploadStatusSchema,
} from '@darkroom/types/api';
import { originalKey, stagingKey, stagingPrefix } from '@darkroom/types/keys';
import { ulid } from 'ulid';
import { randomBytes } from '../../../packages/client/test/support/random.ts';
import { pngOf } from '../../../packages/imaging/test/support/bytes.ts';
import { createUploadStore } from '../src/adapters/s3-store.ts';
import { createApp } from '../src/functions/api/app.ts';
import { createCompleteApp } from '../src/functions/complete/app.ts';
import { accessClaims, bearer, policy, SECRET } from './support/fixtures.ts';
import { sha256Of } from './support/memory-store.ts';
import { startBucket, type TestBucket } from './support/s3.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const UNIT = policy.chunkUnitBytes;
let s3: TestBucket;
let client: S3Client;
let bucket: string;

const listed = (prefix: string): Promise<string[]> => s3.list(prefix);

beforeAll(async () => {
  s3 = await startBucket('chunks-contract');
  ({ client, bucket } = s3);
});
afterAll(() => s3.stop());

const logger = createLogger('test');
const auth = createAuthenticator(() => Promise.resolve(SECRET), Date.now);
const store = () => createUploadStore(client, bucket);
const request = async (path: string, headers: Record<string, string>, body?: unknown, presignedSeconds = 600) => {
  const app = path.endsWith('/complete')
    ? createCompleteApp({ logger, auth, store: store() })
    : createApp({
        logger,
        auth,
        secret: () => Promise.resolve(SECRET),
        store: store(),
        policy: { ...policy, presignedSeconds },
        now: Date.now,
        newId: ulid,
        countUpload: () => undefined,
      });
  const sent = body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) };
  const answer = await app.request(path, { ...sent, headers });
  return { status: answer.status, body: (await answer.json()) as unknown };
};

/** Bytes that begin as a square PNG, no two stretches alike. */
const pictureOf = (size: number, side = 64): Bytes => {
  const bytes = randomBytes(size, size);
  bytes.set(pngOf(side, side));
  return bytes;
};

/** An upload in chunks of `chunkSize` bytes that has just begun: what its client knows, and its calls. */
const begin = async (whole: Bytes, { chunkSize = UNIT, presignedSeconds = 600 } = {}) => {
  const chunks = Array.from({ length: Math.ceil(whole.length / chunkSize) }, (_, n): ChunkOrder => {
    const bytes = whole.subarray(n * chunkSize, (n + 1) * chunkSize);
    return { offset: n * chunkSize, size: bytes.length, sha256: sha256Of(bytes) };
  });
  const announcement = { size: whole.length, contentType: 'image/png', transport: 'chunks', chunks };
  const access = bearer(accessClaims({ exp: Math.floor(Date.now() / 1000) + 600 }));
  const { body } = await request('/uploads', access, announcement, presignedSeconds);
  const { imageId, uploadToken, upload } = createUploadResponseSchema.parse(body);
  if (upload.kind !== 'chunks') throw new Error('expected an upload in chunks');
  const call = (route: string, sent?: unknown) =>
    request(`/uploads/${imageId}${route}`, { authorization: `Bearer ${uploadToken}` }, sent);
  const bytesOf = ({ offset, size }: ByteRange): Bytes => whole.subarray(offset, offset + size);
  const send = (chunk: SignedChunk, bytes = bytesOf(chunk)) =>
    fetch(chunk.url, { method: 'PUT', headers: chunk.headers, body: bytes });
  return {
    imageId,
    chunks,
    signed: upload.chunks,
    call,
    bytesOf,
    send,
    sendAll: async (some: readonly SignedChunk[] = upload.chunks) => {
      for (const chunk of some) expect((await send(chunk)).status).toBe(200);
    },
    complete: () => call('/complete', { sha256: sha256Of(whole), chunks }),
    received: async () => uploadStatusSchema.parse((await call('')).body).received,
    staged: () => listed(stagingPrefix(imageId)),
    original: async () => {
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: originalKey(imageId) }));
      return { ...object, bytes: (await object.Body?.transformToByteArray()) ?? new Uint8Array() };
    },
    /** Puts an object where a chunk belongs, past the API and its signatures. */
    put: (offset: number, Body: Uint8Array) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: stagingKey(imageId, offset), Body })),
    remove: (offset: number) =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: stagingKey(imageId, offset) })),
  };
};
type Upload = Awaited<ReturnType<typeof begin>>;

describe('the signed PUT of a chunk', () => {
  it('takes exactly the bytes that it was signed for, as often as they are sent', async () => {
    const upload = await begin(pictureOf(2 * UNIT + 100));

    await upload.sendAll();
    await upload.sendAll();

    await expect(upload.received()).resolves.toEqual(upload.chunks.map(({ offset, size }) => ({ offset, size })));
  });

  // SigV4: every signed header must arrive with the value that was signed, Content-Length and the checksum among them.
  it.each([
    ['a byte less', 403, (upload: Upload, [first]) => upload.send(first!, upload.bytesOf(first!).subarray(1))],
    [
      'a byte more',
      403,
      (upload: Upload, [, second]) => upload.send(second!, upload.bytesOf({ offset: 0, size: UNIT + 1 })),
    ],
    ['other bytes', 400, (upload: Upload, [first, second]) => upload.send(first!, upload.bytesOf(second!))],
    ['no checksum', 403, (upload: Upload, [first]) => upload.send({ ...first!, headers: {} })],
    [
      'the checksum of other bytes',
      403,
      (upload: Upload, [first, second]) => upload.send({ ...second!, url: first!.url }),
    ],
    [
      'an address of another offset',
      403,
      (upload: Upload, [first]) => upload.send({ ...first!, url: first!.url.replace(/\/0\?/, `/${UNIT}?`) }),
    ],
  ] satisfies [string, number, (upload: Upload, signed: readonly SignedChunk[]) => Promise<Response>][])(
    'refuses %s',
    async (_, status, send) => {
      const upload = await begin(pictureOf(3 * UNIT));

      const answer = await send(upload, upload.signed);

      expect(answer.status).toBe(status);
      await expect(upload.staged()).resolves.toEqual([]);
    },
  );

  it('is refused after its end', async () => {
    const upload = await begin(pictureOf(UNIT), { presignedSeconds: 1 });
    await setTimeout(2_500);

    const answer = await upload.send(upload.signed[0]!);

    expect(answer.status).toBe(403);
    await expect(upload.staged()).resolves.toEqual([]);
  });
});

describe('the completion of an upload in chunks', () => {
  it('makes one original of 700 kB, byte for byte, and leaves no chunk', async () => {
    const whole = pictureOf(700_000);
    const upload = await begin(whole);
    await upload.sendAll([...upload.signed].reverse());
    const open = uploadStatusSchema.parse((await upload.call('')).body);

    const completed = await upload.complete();

    const { bytes, ...object } = await upload.original();
    expect(open).toMatchObject({ state: 'open', etag: null });
    expect(completed).toEqual({
      status: 200,
      body: { imageId: upload.imageId, etag: object.ETag?.replaceAll('"', '') },
    });
    expect(Buffer.compare(bytes, whole)).toBe(0);
    expect(object).toMatchObject({ ContentType: 'image/png', Metadata: { tenant: 'acme', sha256: sha256Of(whole) } });
    await expect(upload.staged()).resolves.toEqual([]);
    await expect(upload.call('')).resolves.toMatchObject({ body: { state: 'complete', received: [] } });
  });

  it.each([
    ['700 kB', 700_000, UNIT],
    ['more than 8 MiB, which is written in parts', 9_000_001, 16 * UNIT],
  ])('answers two calls at once, and a third, with the one original of %s', async (_, size, chunkSize) => {
    const whole = pictureOf(size);
    const upload = await begin(whole, { chunkSize });
    await upload.sendAll();

    const [first, second] = await Promise.all([upload.complete(), upload.complete()]);
    const third = await upload.complete();

    const { bytes } = await upload.original();
    const underWay = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(first).toMatchObject({ status: 200, body: { imageId: upload.imageId } });
    expect([second, third]).toEqual([first, first]);
    expect(Buffer.compare(bytes, whole)).toBe(0);
    expect((await listed('originals/')).filter((key) => key.includes(upload.imageId))).toHaveLength(1);
    expect(underWay.Uploads ?? []).toEqual([]);
    await expect(upload.staged()).resolves.toEqual([]);
  });

  it.each([
    ['is zeroed', 'CHECKSUM_MISMATCH', [2], ({ put }: Upload) => put(2 * UNIT, Buffer.alloc(UNIT))],
    [
      'has the bytes of another',
      'CHECKSUM_MISMATCH',
      [3],
      ({ put, bytesOf }: Upload) => put(3 * UNIT, bytesOf({ offset: UNIT, size: UNIT })),
    ],
    [
      'changed places with another',
      'CHECKSUM_MISMATCH',
      [0, 2],
      async ({ put, bytesOf }: Upload) => {
        await put(0, bytesOf({ offset: 2 * UNIT, size: UNIT }));
        await put(2 * UNIT, bytesOf({ offset: 0, size: UNIT }));
      },
    ],
    [
      'is cut off',
      'CHECKSUM_MISMATCH',
      [4],
      ({ put, bytesOf }: Upload) => put(4 * UNIT, bytesOf({ offset: 4 * UNIT, size: 99 })),
    ],
    ['is gone', 'UPLOAD_INCOMPLETE', [1], ({ remove }: Upload) => remove(UNIT)],
  ] satisfies [string, string, number[], (upload: Upload) => Promise<unknown>][])(
    'names exactly what to send again when a chunk %s, and then completes',
    async (_, code, wrong, spoil) => {
      const whole = pictureOf(4 * UNIT + 100);
      const upload = await begin(whole);
      const ranges = upload.chunks.map(({ offset, size }) => ({ offset, size }));
      await upload.sendAll();
      await spoil(upload);

      const refused = await upload.complete();
      const left = await upload.received();
      const orders = upload.chunks.filter((_order, n) => wrong.includes(n));
      const again = signChunksResponseSchema.parse((await upload.call('/chunks', { chunks: orders })).body);
      await upload.sendAll(again.chunks);
      const completed = await upload.complete();

      expect(refused.status).toBe(409);
      expect(errorBodySchema.parse(refused.body)).toMatchObject({
        code,
        resend: ranges.filter((_range, n) => wrong.includes(n)),
      });
      expect(left).toEqual(ranges.filter((_range, n) => !wrong.includes(n)));
      expect(completed.status).toBe(200);
      expect(Buffer.compare((await upload.original()).bytes, whole)).toBe(0);
    },
  );

  // "Returns some or all (up to 1,000) of the objects in a bucket", and DeleteObjects takes as many keys (S3 API reference).
  it('lists, joins and deletes more than 1,000 chunks', async () => {
    const whole = pictureOf(64 * 1_050);
    const upload = await begin(whole);
    const small = Array.from({ length: 1_050 }, (_, n) => ({ offset: n * 64, size: 64 }));
    const { putChunk } = store();
    for (let at = 0; at < small.length; at += 25)
      await Promise.all(
        small.slice(at, at + 25).map((range) => putChunk(upload.imageId, range.offset, upload.bytesOf(range))),
      );

    const received = await upload.received();
    const completed = await upload.call('/complete', { sha256: sha256Of(whole) });

    expect(received).toEqual(small);
    expect(completed.status).toBe(200);
    expect(Buffer.compare((await upload.original()).bytes, whole)).toBe(0);
    await expect(upload.staged()).resolves.toEqual([]);
  });
});

describe('the verdict on the first chunk', () => {
  const ask = (upload: Upload) => upload.call('/chunks', { chunks: upload.chunks.slice(-1) });

  it('is not known before it is there, and good once it is a picture', async () => {
    const upload = await begin(pictureOf(3 * UNIT));
    await upload.sendAll(upload.signed.slice(1));

    const before = await ask(upload);
    await upload.sendAll(upload.signed.slice(0, 1));
    const after = await ask(upload);

    expect(before).toMatchObject({ status: 200, body: { judged: false } });
    expect(after).toMatchObject({ status: 200, body: { judged: true } });
  });

  it.each([
    ['TOO_LARGE', pictureOf(3 * UNIT, 30_000)],
    ['UNSUPPORTED_FORMAT', randomBytes(3 * UNIT)],
  ])('is %s (409) as soon as the first 64 KiB say so, and nothing that was sent stays', async (code, whole) => {
    const upload = await begin(whole);
    await upload.sendAll(upload.signed.slice(0, 2));

    const refused = await ask(upload);

    expect(refused.status).toBe(409);
    expect(errorBodySchema.parse(refused.body)).toMatchObject({ code });
    await expect(upload.staged()).resolves.toEqual([]);
  });
});
