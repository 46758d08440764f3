import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { createUploadResponseSchema, errorBodySchema } from '@darkroom/types/api';
import type { UploadStore } from '../../ports.ts';
import {
  accessClaims,
  bearer,
  IMAGE_ID,
  NOW,
  OTHER_ID,
  policy,
  SECRET,
  storeOf,
  uploadClaims,
} from '../../../test/support/fixtures.ts';
import { createApp } from './app.ts';

const secret = () => Promise.resolve(SECRET);
let granted = 0;
beforeEach(() => {
  granted = 0;
});
const appOf = (ports: Partial<UploadStore> = {}) =>
  createApp({
    logger: createLogger('test'),
    auth: createAuthenticator(secret, () => NOW),
    secret,
    store: storeOf(ports),
    policy,
    now: () => NOW,
    newId: () => IMAGE_ID,
    countUpload: () => (granted += 1),
  });

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly store?: Partial<UploadStore>;
}

const call = async (path: string, { method = 'GET', headers = {}, body, store = {} }: Call = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await appOf(store).request(path, { method, headers, ...(body !== undefined && { body: text }) });
  const answered = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: answered === '' ? undefined : (JSON.parse(answered) as unknown),
  };
};

const announcement = { size: 3_000_000, contentType: 'image/jpeg', filename: 'a.jpg' };
const post = (body: unknown, headers: Record<string, string> = bearer(accessClaims())) =>
  call('/uploads', { method: 'POST', headers, body });

describe('POST /uploads', () => {
  it('counts uploads that are granted, and only those', async () => {
    await post(announcement);
    await post({ ...announcement, size: 0 });
    await post(announcement, {});
    expect(granted).toBe(1);
  });

  it('answers 201 with all that is needed to send the file', async () => {
    const { status, body } = await post(announcement);
    expect(status).toBe(201);
    expect(createUploadResponseSchema.parse(body).imageId).toBe(IMAGE_ID);
  });

  it.each([
    ['no token', {}, 401, 'TOKEN_MISSING'],
    ['a token that is none', { authorization: 'Bearer nonsense' }, 401, 'TOKEN_INVALID'],
    ['another scheme', { authorization: 'Basic dGVzdA==' }, 401, 'TOKEN_INVALID'],
    ['an expired token', bearer(accessClaims({ exp: NOW / 1000 })), 401, 'TOKEN_EXPIRED'],
    ['a forged token', bearer(accessClaims(), 'another-secret-of-at-least-32-bytes'), 401, 'TOKEN_INVALID'],
    ['an upload token', bearer(uploadClaims()), 401, 'TOKEN_INVALID'],
    ['a token without the scope', bearer(accessClaims({ scopes: ['read', 'delete'] })), 403, 'FORBIDDEN'],
  ])('refuses %s', async (_, headers, status, code) => {
    const answer = await post(announcement, headers);
    expect(answer.status).toBe(status);
    expect(errorBodySchema.parse(answer.body).code).toBe(code);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });

  it.each([
    ['an empty body', '', 400, 'INVALID_JSON'],
    ['wrong JSON', '{"size":', 400, 'INVALID_JSON'],
    ['an array', [], 400, 'INVALID_REQUEST'],
    ['no size', { contentType: 'image/jpeg' }, 400, 'INVALID_REQUEST'],
    ['a size of text', { ...announcement, size: '3' }, 400, 'INVALID_REQUEST'],
    ['a fraction of a byte', { ...announcement, size: 1.5 }, 400, 'INVALID_REQUEST'],
    ['a negative size', { ...announcement, size: -1 }, 400, 'INVALID_REQUEST'],
    ['an unknown field', { ...announcement, tenant: 'other' }, 400, 'INVALID_REQUEST'],
    ['a name of 256 characters', { ...announcement, filename: 'a'.repeat(256) }, 400, 'INVALID_REQUEST'],
    ['a digest in capitals', { ...announcement, sha256: 'A'.repeat(64) }, 400, 'INVALID_REQUEST'],
    ['an empty file', { ...announcement, size: 0 }, 400, 'EMPTY_FILE'],
    ['too many bytes', { ...announcement, size: policy.maxBytes + 1 }, 413, 'TOO_MANY_BYTES'],
    ['a PDF', { ...announcement, contentType: 'application/pdf' }, 415, 'UNSUPPORTED_FORMAT'],
    ['TIFF', { ...announcement, contentType: 'image/tiff' }, 415, 'UNSUPPORTED_FORMAT'],
  ])('refuses %s in one sentence', async (_, body, status, code) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(errorBodySchema.parse(answer.body)).toMatchObject({
      code,
      message: expect.stringMatching(/^[^\n]+$/) as string,
    });
  });
});

describe('routes of one upload', () => {
  const routes: [string, string][] = [
    ['POST', `/uploads/${IMAGE_ID}/sign`],
    ['POST', `/uploads/${IMAGE_ID}/parts`],
    ['GET', `/uploads/${IMAGE_ID}/parts`],
    ['POST', `/uploads/${IMAGE_ID}/chunks`],
    ['GET', `/uploads/${IMAGE_ID}`],
    ['DELETE', `/uploads/${IMAGE_ID}`],
  ];

  it.each(routes)('%s %s wants the upload token of this upload', async (method, path) => {
    const codeOf = async (headers: Record<string, string>) =>
      errorBodySchema.parse((await call(path, { method, headers })).body).code;

    await expect(codeOf({})).resolves.toBe('TOKEN_MISSING');
    await expect(codeOf(bearer(accessClaims()))).resolves.toBe('TOKEN_INVALID');
    await expect(codeOf(bearer(uploadClaims({ exp: NOW / 1000 - 1 })))).resolves.toBe('TOKEN_EXPIRED');
    await expect(codeOf(bearer(uploadClaims(), 'another-secret-of-at-least-32-bytes'))).resolves.toBe('TOKEN_INVALID');
    await expect(codeOf(bearer(uploadClaims({ imageId: OTHER_ID })))).resolves.toBe('NOT_FOUND');
  });

  it('signs the same form again for a client that comes back', async () => {
    const headers = bearer(uploadClaims({ size: 5, partSize: null }));
    const { status, body } = await call(`/uploads/${IMAGE_ID}/sign`, { method: 'POST', headers });
    expect(status).toBe(200);
    expect(body).toMatchObject({ upload: { kind: 'post', fields: { size: '5' } } });
  });

  it('signs the parts that are asked for, each with its own size', async () => {
    const answer = await call(`/uploads/${IMAGE_ID}/parts`, {
      method: 'POST',
      headers: bearer(uploadClaims()),
      body: { partNumbers: [3, 1] },
    });
    expect(answer.body).toMatchObject({
      parts: [
        { partNumber: 3, size: 3_222_784 },
        { partNumber: 1, size: 8_388_608 },
      ],
      expiresAt: '2026-11-23T20:55:00.000Z',
    });
  });

  it.each([
    ['a part beyond the plan', { partNumbers: [4] }],
    ['part 0', { partNumbers: [0] }],
    ['no parts', { partNumbers: [] }],
    ['more parts than one call signs', { partNumbers: Array.from({ length: 101 }, () => 1) }],
  ])('refuses to sign %s', async (_, body) => {
    const answer = await call(`/uploads/${IMAGE_ID}/parts`, { method: 'POST', headers: bearer(uploadClaims()), body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it('lists the parts that storage has whole', async () => {
    const listChunks = () => Promise.resolve([{ offset: 16_777_216, size: 3_222_784, etag: 'c' }]);
    const answer = await call(`/uploads/${IMAGE_ID}/parts?after=1`, {
      headers: bearer(uploadClaims()),
      store: { listChunks },
    });
    expect(answer.body).toEqual({ parts: [{ partNumber: 3, etag: 'c', size: 3_222_784 }], next: null });
  });

  it.each(['x', '-1', '10001', '1.5'])('refuses to list after %s', async (after) => {
    const answer = await call(`/uploads/${IMAGE_ID}/parts?after=${after}`, { headers: bearer(uploadClaims()) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it('has no parts when one POST carries the file', async () => {
    const headers = bearer(uploadClaims({ partSize: null }));
    const answer = await call(`/uploads/${IMAGE_ID}/parts`, { headers });
    expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });

  it('gives an upload up, as often as asked', async () => {
    const deleted: string[] = [];
    const deleteChunks: UploadStore['deleteChunks'] = (imageId) => {
      deleted.push(imageId);
      return Promise.resolve();
    };
    const request = { method: 'DELETE', headers: bearer(uploadClaims()), store: { deleteChunks } };
    const answers = [await call(`/uploads/${IMAGE_ID}`, request), await call(`/uploads/${IMAGE_ID}`, request)];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [204, undefined],
      [204, undefined],
    ]);
    expect(deleted).toEqual([IMAGE_ID, IMAGE_ID]);
  });
});

describe('the rest', () => {
  it('tells its health to anybody', async () => {
    await expect(call('/health')).resolves.toMatchObject({ status: 200, body: { status: 'ok', service: 'upload' } });
  });

  it('knows no other route', async () => {
    await expect(call('/nowhere')).resolves.toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
  });
});
