import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { signToken } from '@darkroom/runtime/tokens';
import {
  companionBatchSchema,
  companionErrorSchema,
  companionMultipartSchema,
  companionParamsSchema,
  companionPartUrlSchema,
} from '@darkroom/types/companion';
import { originalKey } from '@darkroom/types/keys';
import { limits } from '@darkroom/types/limits';
import type { MultipartClaims } from '@darkroom/types/tokens';
import { accessClaims, BUCKET, IMAGE_ID, NOW, OTHER_ID, SECRET, uploadClaims } from '../../../test/support/fixtures.ts';
import type { CompanionStore } from '../../core/companion/uploads.ts';
import type { ObjectFacts, PartOrder, PostOrder } from '../../ports.ts';
import { createCompanionApp } from './app.ts';

const KEY = originalKey(IMAGE_ID);
const key = encodeURIComponent(KEY);
const token = (changes = {}, secret = SECRET) => signToken(accessClaims(changes), secret);
const multipartClaims = (changes: Partial<MultipartClaims> = {}): MultipartClaims => ({
  typ: 'multipart',
  tenant: 'acme',
  owner: 'ada',
  imageId: IMAGE_ID,
  uploadId: 's3-upload',
  exp: NOW / 1000 + 60,
  ...changes,
});
const uploadId = (changes: Partial<MultipartClaims> = {}, secret = SECRET) =>
  signToken(multipartClaims(changes), secret);

const setUp = (changes: Partial<CompanionStore> = {}) => {
  const posts: PostOrder[] = [];
  const parts: PartOrder[] = [];
  const opened: ObjectFacts[] = [];
  let counted = 0;
  const refuse = (name: string) => () => Promise.reject(new Error(`${name} was not expected to be called`));
  const store: CompanionStore = {
    signPost: (order) => {
      posts.push(order);
      return Promise.resolve({ url: 'https://s3.test/', fields: { key: order.key } });
    },
    signPart: (order) => {
      parts.push(order);
      return Promise.resolve(`https://s3.test/${order.key}?partNumber=${String(order.partNumber)}`);
    },
    open: (facts) => {
      opened.push(facts);
      return Promise.resolve('s3-upload');
    },
    listParts: refuse('listParts'),
    complete: refuse('complete'),
    abort: refuse('abort'),
    head: refuse('head'),
    ...changes,
  };
  const app = createCompanionApp({
    logger: createLogger('test'),
    auth: createAuthenticator(
      () => Promise.resolve(SECRET),
      () => NOW,
    ),
    secret: () => Promise.resolve(SECRET),
    store,
    bucket: BUCKET,
    policy: limits.upload,
    now: () => NOW,
    newId: () => IMAGE_ID,
    countUpload: () => (counted += 1),
  });
  const call = async (method: string, path: string, body?: unknown, access = token()) => {
    const answer = await app.request(`/u/${access}/s3${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as unknown };
  };
  return { call, posts, parts, opened, counted: () => counted };
};

describe('GET /params', () => {
  it('answers a form for one file under a fresh key, and calls nothing', async () => {
    const { call, posts, counted } = setUp();
    const answer = await call(
      'GET',
      '/params?filename=Stra%C3%9Fe.jpg&type=image%2Fjpeg&metadata[name]=Stra%C3%9Fe&metadata[tenant]=x',
    );
    expect(answer.status).toBe(200);
    expect(companionParamsSchema.parse(answer.body)).toEqual({
      method: 'POST',
      url: 'https://s3.test/',
      fields: { key: KEY },
      expires: 900,
    });
    expect(posts).toEqual([
      {
        key: KEY,
        contentType: 'image/jpeg',
        metadata: { tenant: 'acme', owner: 'ada', filename: 'Stra%C3%9Fe.jpg', name: 'Straße' },
        size: { min: 1, max: limits.upload.maxBytes },
        expiresInSeconds: 21_600,
      },
    ]);
    expect(counted()).toBe(1);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('POST /multipart', () => {
  it('opens an upload whose id says whose it is', async () => {
    const { call, opened, counted } = setUp();
    const answer = await call('POST', '/multipart', {
      filename: 'ñ.png',
      type: 'image/png',
      metadata: { name: 'ñ', relativePath: null, count: 5, owner: 'bob' },
    });
    expect(answer.status).toBe(200);
    expect(companionMultipartSchema.parse(answer.body)).toEqual({
      key: KEY,
      bucket: BUCKET,
      uploadId: signToken(multipartClaims({ exp: NOW / 1000 + limits.upload.uploadTokenSeconds }), SECRET),
    });
    expect(opened).toEqual([
      {
        key: KEY,
        contentType: 'image/png',
        metadata: {
          tenant: 'acme',
          owner: 'ada',
          filename: '%C3%B1.png',
          name: '=?UTF-8?B?w7E=?=',
          relativePath: 'null',
          count: '5',
        },
      },
    ]);
    expect(counted()).toBe(1);
  });

  it('refuses what is no JSON, and a type that is refused anyway, before anything is opened', async () => {
    const { call, counted } = setUp();
    await expect(call('POST', '/multipart', '{')).resolves.toMatchObject({
      status: 400,
      body: { code: 'INVALID_JSON' },
    });
    const file = { filename: 'a.tif', type: 'image/tiff', metadata: {} };
    await expect(call('POST', '/multipart', file)).resolves.toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_FORMAT', error: expect.stringContaining('"image/tiff"') as string },
    });
    expect(counted()).toBe(0);
  });
});

describe('signing parts', () => {
  it('signs one part for six hours, bound to key and upload', async () => {
    const { call, parts } = setUp();
    const { body } = await call('GET', `/multipart/${uploadId()}/7?key=${key}`);
    expect(companionPartUrlSchema.parse(body)).toEqual({ url: `https://s3.test/${KEY}?partNumber=7`, expires: 900 });
    expect(parts).toEqual([{ key: KEY, uploadId: 's3-upload', partNumber: 7, size: null, expiresInSeconds: 21_600 }]);
  });

  it('signs a batch; its route is not one of a part', async () => {
    const { call } = setUp();
    const { body } = await call('GET', `/multipart/${uploadId()}/batch?key=${key}&partNumbers=1,2,10000`);
    expect(Object.keys(companionBatchSchema.parse(body).presignedUrls)).toEqual(['1', '2', '10000']);
  });
});

describe('DELETE', () => {
  it('gives the upload up, as often as it is asked to', async () => {
    const aborted: unknown[] = [];
    const { call } = setUp({ abort: async (upload) => void aborted.push(upload) });
    await expect(call('DELETE', `/multipart/${uploadId()}?key=${key}`)).resolves.toMatchObject({
      status: 200,
      body: {},
    });
    expect(aborted).toEqual([{ key: KEY, uploadId: 's3-upload' }]);
  });
});

/** Companion's own table: route, and the sentence it refuses with (controllers/s3.ts of @uppy/companion). */
const KEY_SENTENCE = 's3: the object key must be passed as a query parameter. For example: "?key=abc.jpg"';
const refusals: [method: string, path: string, body: unknown, sentence: string][] = [
  ['GET', '/params', undefined, 's3: the "filename" query parameter is required and must be a non-empty string'],
  [
    'GET',
    '/params?filename=',
    undefined,
    's3: the "filename" query parameter is required and must be a non-empty string',
  ],
  ['POST', '/multipart', {}, 's3: the "filename" field is required and must be a non-empty string'],
  ['POST', '/multipart', { filename: 'a', type: 5 }, 's3: content type must be a string'],
  ['GET', '/multipart/u', undefined, KEY_SENTENCE],
  ['DELETE', '/multipart/u', undefined, KEY_SENTENCE],
  ['GET', '/multipart/u/1', undefined, KEY_SENTENCE],
  ['GET', '/multipart/u/batch', undefined, KEY_SENTENCE],
  ['POST', '/multipart/u/complete', { parts: [] }, KEY_SENTENCE],
  ['GET', '/multipart/u/0?key=k', undefined, 's3: the part number must be a number between 1 and 10000.'],
  ['GET', '/multipart/u/x?key=k', undefined, 's3: the part number must be a number between 1 and 10000.'],
  [
    'GET',
    '/multipart/u/batch?key=k',
    undefined,
    's3: the part numbers must be passed as a comma separated query parameter. For example: "?partNumbers=4,6,7,21"',
  ],
  [
    'GET',
    '/multipart/u/batch?key=k&partNumbers=1,x',
    undefined,
    's3: the part numbers must be a number between 1 and 10000.',
  ],
  ['POST', '/multipart/u/complete?key=k', { parts: 5 }, 's3: `parts` must be an array of {ETag, PartNumber} objects.'],
  ['GET', '/sts', undefined, 'This Companion server does not support STS credentials'],
];

describe('errors', () => {
  it.each(refusals)('%s %s %j is refused with the sentence of Companion', async (method, path, body, sentence) => {
    const answer = await setUp().call(method, path, body);
    expect(answer.status).toBe(400);
    expect(companionErrorSchema.parse(answer.body)).toMatchObject({
      code: 'INVALID_REQUEST',
      message: sentence,
      error: sentence,
    });
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('answers a fault of ours without any detail', async () => {
    const { call } = setUp({ open: () => Promise.reject(new Error('secret detail')) });
    const answer = await call('POST', '/multipart', { filename: 'a', type: '' });
    expect(answer.status).toBe(500);
    expect(companionErrorSchema.parse(answer.body).code).toBe('INTERNAL');
    expect(JSON.stringify(answer.body)).not.toContain('secret detail');
  });
});

const routes: [method: string, path: (id: string) => string, body?: unknown][] = [
  ['GET', () => '/params?filename=a'],
  ['POST', () => '/multipart', { filename: 'a', type: '' }],
  ['GET', () => '/sts'],
  ['GET', () => '/nothing'],
  ['GET', (id) => `/multipart/${id}?key=${key}`],
  ['GET', (id) => `/multipart/${id}/1?key=${key}`],
  ['GET', (id) => `/multipart/${id}/batch?key=${key}&partNumbers=1`],
  ['POST', (id) => `/multipart/${id}/complete?key=${key}`, { parts: [{ PartNumber: 1, ETag: 'a' }] }],
  ['DELETE', (id) => `/multipart/${id}?key=${key}`],
];

describe.each(routes)('%s %p', (method, path, body) => {
  const tokens: [what: string, access: string, status: number, code: string][] = [
    ['no token', 'x', 401, 'TOKEN_INVALID'],
    ['a forged one', token({}, 'another-secret-of-at-least-32-bytes'), 401, 'TOKEN_INVALID'],
    ['an expired one', token({ exp: NOW / 1000 }), 401, 'TOKEN_EXPIRED'],
    ['one of another kind', signToken(uploadClaims(), SECRET), 401, 'TOKEN_INVALID'],
    ['an upload id', uploadId(), 401, 'TOKEN_INVALID'],
    ['one without the scope', token({ scopes: ['read'] }), 403, 'FORBIDDEN'],
  ];
  it.each(tokens)('is refused with %s in the path', async (_, access, status, code) => {
    const answer = await setUp().call(method, path(uploadId()), body, access);
    expect(answer.status).toBe(status);
    expect(companionErrorSchema.parse(answer.body).code).toBe(code);
  });
});

describe.each(routes.slice(4))('%s %p', (method, path, body) => {
  const ids: [what: string, id: string, status: number, code: string][] = [
    ["S3's own id", 's3-upload', 401, 'TOKEN_INVALID'],
    ['a forged one', uploadId({}, 'another-secret-of-at-least-32-bytes'), 401, 'TOKEN_INVALID'],
    ['an expired one', uploadId({ exp: NOW / 1000 }), 401, 'TOKEN_EXPIRED'],
    ['an access token', token(), 401, 'TOKEN_INVALID'],
    ["another tenant's", uploadId({ tenant: 'other' }), 404, 'NOT_FOUND'],
    ["another owner's", uploadId({ owner: 'bob' }), 404, 'NOT_FOUND'],
    ["nobody's", uploadId({ owner: null }), 404, 'NOT_FOUND'],
    ['one of another key', uploadId({ imageId: OTHER_ID }), 404, 'NOT_FOUND'],
  ];
  it.each(ids)('is refused with %s for the upload id', async (_, id, status, code) => {
    const answer = await setUp().call(method, path(id), body);
    expect(answer.status).toBe(status);
    expect(companionErrorSchema.parse(answer.body).code).toBe(code);
  });
});
