import * as z from 'zod';
import { DarkroomError } from './errors.ts';
import { createAuthenticator, createHttpApp, type HttpContext, readJson } from './http.ts';
import type { Logger } from './observability.ts';
import { signToken } from './tokens.ts';

const secret = 'a-secret-of-at-least-thirty-two-bytes!';
const NOW = 1_800_000_000_000;

const createApp = () => {
  const errors: unknown[] = [];
  const logger = { error: (...args: unknown[]) => errors.push(args) } as unknown as Logger;
  const app = createHttpApp(logger);
  const auth = createAuthenticator(
    () => Promise.resolve(secret),
    () => NOW,
  );
  app.post('/things', async (c: HttpContext) =>
    c.json(await readJson(c, z.strictObject({ size: z.int().positive() }))),
  );
  app.get('/known', () => {
    throw new DarkroomError('TOO_MANY_REQUESTS', 'slower', { retryAfterSeconds: 7 });
  });
  app.get('/unknown', () => {
    throw new TypeError('secret detail');
  });
  app.get('/u/:token/broken/:id', () => {
    throw new TypeError('broken');
  });
  app.get('/mine', async (c) => c.json(await auth.access(c, 'read')));
  return { app, errors };
};

const post = (body: string) => ({ method: 'POST', body });

describe('createHttpApp', () => {
  it.each([
    ['wrong JSON', '/things', post('{'), 400, 'INVALID_JSON'],
    ['a wrong field', '/things', post('{"size":0}'), 400, 'INVALID_REQUEST'],
    ['an unknown field', '/things', post('{"size":1,"sise":2}'), 400, 'INVALID_REQUEST'],
    ['a body that is too large', '/things', post(`{"size":"${'x'.repeat(1_000_001)}"}`), 413, 'TOO_MANY_BYTES'],
    ['no such route', '/nowhere', {}, 404, 'ROUTE_NOT_FOUND'],
    ['no token', '/mine', {}, 401, 'TOKEN_MISSING'],
    ['a typed error', '/known', {}, 429, 'TOO_MANY_REQUESTS'],
    ['anything else', '/unknown', {}, 500, 'INTERNAL'],
  ])('answers %s with a code, one sentence and a request id', async (_what, path, init, status, code) => {
    const { app } = createApp();
    const response = await app.request(path, { ...init, headers: { 'x-request-id': 'r-1' } });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      code,
      message: expect.stringMatching(/.{5,}/) as string,
      requestId: 'r-1',
    });
  });

  it('writes no token of a path into the log', async () => {
    const { app, errors } = createApp();
    const token = signToken({ typ: 'access', tenant: 'acme', owner: null, scopes: ['upload'], exp: 1 }, secret);
    await app.request(`/u/${token}/broken/${token}`);
    expect(errors).toMatchObject([['request failed', { path: '/u/…/broken/…' }]]);
  });

  it('keeps the cause of an unexpected error out of the answer and in the log', async () => {
    const { app, errors } = createApp();
    const response = await app.request('/unknown');
    expect(await response.text()).not.toContain('secret detail');
    expect(
      JSON.stringify(errors, (_key, value: unknown) => (value instanceof Error ? value.message : value)),
    ).toContain('secret detail');
  });

  it('says when to come back, and which scheme a 401 wants (RFC 6750 §3)', async () => {
    const { app } = createApp();
    expect((await app.request('/known')).headers.get('retry-after')).toBe('7');
    expect((await app.request('/mine')).headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses a token without the scope', async () => {
    const { app } = createApp();
    const token = signToken(
      { typ: 'access', tenant: 'a', owner: null, scopes: ['upload'], exp: NOW / 1000 + 1 },
      secret,
    );
    const response = await app.request('/mine', { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(403);
  });
});
