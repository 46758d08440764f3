import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { signChunksResponseSchema } from '../../packages/types/src/api.ts';
import { originalKey } from '../../packages/types/src/keys.ts';
import { errorsOf, type Route, routes } from '../../packages/types/src/routes.ts';
import { addressOf, type Call } from '../openapi/support/recorder.ts';
import { type Bytes, chunksOf, photograph, put, sha256 } from '../openapi/support/uploading.ts';
import { s3Of } from '../support/aws.ts';
import { startSystem, type TestSystem } from '../support/system.ts';

const BUCKET = 'darkroom-local-originals-000000000000-us-east-1';
const OWNER = { tenant: 'default', owner: 'rosa' };

let system: TestSystem;
let s3: S3Client;
let photo: Bytes;

beforeAll(async () => {
  system = await startSystem();
  s3 = s3Of(system.endpoint);
  photo = await photograph();
}, 120_000);
afterAll(async () => {
  s3.destroy();
  await system.stop();
}, 30_000);

interface Upload {
  readonly imageId: string;
  readonly uploadToken: string;
}

const routeOf = (id: string): Route => routes.find((route) => route.id === id)!;

const call = async (id: string, { bearer, json, ...address }: Call) => {
  const route = routeOf(id);
  const response = await fetch(addressOf(system.api, route, address), {
    method: route.method,
    headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};
const on = (upload: Upload, id: string, json?: unknown) =>
  call(id, { bearer: upload.uploadToken, params: { id: upload.imageId }, ...(json !== undefined && { json }) });

const orders = () => chunksOf(photo, 65_536);
const parts = { parts: [{ partNumber: 1, etag: 'x' }] };

/** Every call of the upload's token, as a thief of it would make them. */
const replays = (): (readonly [id: string, json?: unknown])[] => [
  ['signUpload'],
  ['listParts'],
  ['signParts', { partNumbers: [1] }],
  ['signChunks', { chunks: orders() }],
  ['getUpload'],
  ['completeUpload', parts],
  ['completeUpload', {}],
  ['deleteUpload'],
];

const begin = async (transport: string): Promise<Upload> => {
  const bearer = system.mint(OWNER);
  const json = { size: photo.length, contentType: 'image/jpeg', transport };
  return (await call('createUpload', { bearer, json })).body as Upload;
};

const sendChunks = async (upload: Upload, file = photo): Promise<void> => {
  const { body } = await on(upload, 'signChunks', { chunks: chunksOf(file, 65_536), judged: true });
  const { chunks } = signChunksResponseSchema.parse(body);
  for (const { offset, size, url, headers } of chunks) await put(url, file.slice(offset, offset + size), headers);
};

const keysUnder = async (prefix: string): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return Contents.map(({ Key }) => Key ?? '');
};
const objectAt = async (Key: string) => {
  const { Body, ETag, LastModified } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return { ETag, LastModified, sha256: sha256((await Body?.transformToByteArray()) ?? new Uint8Array()) };
};

const original = ({ imageId }: Upload) => objectAt(originalKey(imageId));

/** Makes every call; none may be answered but as the table says, and none with a server's error. */
const replayAll = async (upload: Upload): Promise<void> => {
  for (const [id, json] of replays()) {
    const { status } = await on(upload, id, json);
    const known = [
      ...Object.keys(routeOf(id).answers).map(Number),
      ...errorsOf(routeOf(id)).map((error) => error.status),
    ];
    expect({ id, status, isKnown: known.includes(status) }).toEqual({ id, status, isKnown: true });
    expect({ id, status, isOurFault: status >= 500 }).toEqual({ id, status, isOurFault: false });
  }
};

it('has a replay for every route that takes an upload token', () => {
  const ids = routes.filter(({ token }) => token.kind === 'upload').map(({ id }) => id);
  expect([...new Set(replays().map(([id]) => id))].sort()).toEqual(ids.sort());
});

describe.each(['chunks', 'multipart'])('the token of a completed upload (%s)', (transport) => {
  it('changes nothing any more, whatever it is used for', async () => {
    // Prepare
    const upload = await begin(transport);
    await sendChunks(upload);
    const first = await on(upload, 'completeUpload', { sha256: sha256(photo) });
    expect(first.status).toBe(200);
    const before = await original(upload);

    // Act
    await replayAll(upload);

    // Assess
    expect(await original(upload)).toEqual(before);
    expect(await on(upload, 'completeUpload', {})).toEqual(first);
    expect((await on(upload, 'getUpload')).body).toMatchObject({ state: 'complete', etag: first.body.etag });
    expect(await keysUnder(`staging/${upload.imageId}/`)).toEqual([]);
  });

  it('puts no other bytes in the place of the original by chunks that come late', async () => {
    const upload = await begin(transport);
    await sendChunks(upload);
    const first = await on(upload, 'completeUpload', {});
    const before = await original(upload);

    const other = new Uint8Array(photo.length).fill(7);
    await sendChunks(upload, other);
    const second = await on(upload, 'completeUpload', { sha256: sha256(other) });

    expect([second.status === 200 ? second.body : first.body, await original(upload)]).toEqual([first.body, before]);
  });
});

describe("Uppy's upload id after its completion", () => {
  it('changes nothing any more', async () => {
    const token = system.mint(OWNER);
    const opened = await call('companionOpen', { params: { token }, json: { filename: 'a.jpg', type: 'image/jpeg' } });
    const upload = {
      params: { token, uploadId: opened.body.uploadId, partNumber: 1 },
      query: { key: opened.body.key },
    };
    const { url } = (await call('companionSignPart', upload)).body;
    const ETag = await put(url, photo);
    const complete = { ...upload, json: { parts: [{ PartNumber: 1, ETag }] } };
    const first = await call('companionComplete', complete);
    const key = String(opened.body.key);
    const before = await objectAt(key);

    expect((await call('companionAbort', upload)).status).toBe(200);
    expect((await fetch(url, { method: 'PUT', body: new Uint8Array(10) })).status).toBe(404);
    expect(await call('companionComplete', complete)).toEqual(first);
    expect(await objectAt(key)).toEqual(before);
  });
});

describe('the token of an upload that was given up', () => {
  it('finds nothing and makes nothing', async () => {
    const upload = await begin('chunks');
    await sendChunks(upload);
    expect((await on(upload, 'deleteUpload')).status).toBe(204);

    await replayAll(upload);

    expect((await on(upload, 'completeUpload', {})).body).toMatchObject({ code: 'UPLOAD_INCOMPLETE' });
    expect((await on(upload, 'getUpload')).body).toMatchObject({ state: 'open', received: [] });
    expect(await keysUnder(`staging/${upload.imageId}/`)).toEqual([]);
    expect(await keysUnder(originalKey(upload.imageId))).toEqual([]);
  });
});

describe('tokens after their image is deleted', () => {
  it('bring nothing back', async () => {
    // Prepare: an image that the catalogue knows, deleted by its owner.
    const upload = await begin('chunks');
    await sendChunks(upload);
    await on(upload, 'completeUpload', {});
    const bearer = system.mint(OWNER);
    const image = () => call('getImage', { bearer, params: { id: upload.imageId } });
    await until(async () => (await image()).body?.status === 'READY');
    expect((await call('deleteImage', { bearer, params: { id: upload.imageId } })).status).toBe(204);
    await until(async () => (await keysUnder(originalKey(upload.imageId))).length === 0);

    // Act: the whole upload once more, by the same token.
    await sendChunks(upload);
    await on(upload, 'completeUpload', {});

    // Assess: what was made of it is deleted again, and the image stays unknown.
    await until(async () => (await keysUnder(originalKey(upload.imageId))).length === 0);
    expect(await image()).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await call('deleteImage', { bearer, params: { id: upload.imageId } })).toMatchObject({ status: 204 });
  });
});

/** Asks again until it is so; the test's own time ends it otherwise. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}
