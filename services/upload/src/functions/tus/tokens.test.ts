import { signToken } from '@darkroom/runtime/tokens';
import type { ErrorBody } from '@darkroom/types/api';
import { accessClaims, NOW, SECRET, uploadClaims } from '../../../test/support/fixtures.ts';
import { accessToken, body, pictureOf, tusHarness } from '../../../test/support/tus.ts';

const OTHER_SECRET = 'another-secret-of-at-least-32-bytes';
const AN_HOUR_AGO = NOW / 1000 - 3600;
const STREAM = 'application/offset+octet-stream';
const TUS = { 'tus-resumable': '1.0.0' };
const RUFH = { 'upload-draft-interop-version': '8' };

const requests: readonly [name: string, method: string, headers: Record<string, string>][] = [
  ['tus HEAD', 'HEAD', TUS],
  ['tus PATCH', 'PATCH', { ...TUS, 'content-type': STREAM, 'upload-offset': '0' }],
  ['tus DELETE', 'DELETE', TUS],
  [
    'tus PATCH by POST',
    'POST',
    { ...TUS, 'x-http-method-override': 'PATCH', 'content-type': STREAM, 'upload-offset': '0' },
  ],
  ['OPTIONS', 'OPTIONS', {}],
  ['draft HEAD', 'HEAD', RUFH],
  ['draft GET', 'GET', RUFH],
  [
    'draft PATCH',
    'PATCH',
    { ...RUFH, 'content-type': 'application/partial-upload', 'upload-offset': '0', 'upload-complete': '?0' },
  ],
  ['draft DELETE', 'DELETE', RUFH],
];

const creations: readonly [name: string, method: string, headers: Record<string, string>][] = [
  ['tus POST', 'POST', { ...TUS, 'upload-length': '1000' }],
  ['tus OPTIONS', 'OPTIONS', {}],
  ['draft POST', 'POST', { ...RUFH, 'upload-complete': '?0', 'upload-length': '1000' }],
  ['draft PUT', 'PUT', { ...RUFH, 'upload-complete': '?0', 'upload-length': '1000' }],
];

const uploadId = (changes: Parameters<typeof uploadClaims>[0] = {}, secret = SECRET) =>
  signToken(uploadClaims({ size: 200_000, partSize: null, exp: NOW / 1000 + 60, ...changes }), secret);

const badTokens: readonly [name: string, token: string, status: number, code: string][] = [
  ['none', '-', 401, 'TOKEN_INVALID'],
  ['an expired one', accessToken({ exp: AN_HOUR_AGO }), 401, 'TOKEN_EXPIRED'],
  ['a forged one', accessToken({}, OTHER_SECRET), 401, 'TOKEN_INVALID'],
  ['one cut off', accessToken().slice(0, -1), 401, 'TOKEN_INVALID'],
  ['an upload token', uploadId(), 401, 'TOKEN_INVALID'],
  ['one without the scope', accessToken({ scopes: ['read'] }), 403, 'FORBIDDEN'],
];

const badIds: readonly [name: string, id: string, status: number, code: string][] = [
  ['nobody ever had', 'unknown', 404, 'NOT_FOUND'],
  ['forged', uploadId({}, OTHER_SECRET), 404, 'NOT_FOUND'],
  ["another tenant's", uploadId({ tenant: 'rivals' }), 404, 'NOT_FOUND'],
  ["another owner's", uploadId({ owner: 'bob' }), 404, 'NOT_FOUND'],
  ['of nobody in particular', uploadId({ owner: null }), 404, 'NOT_FOUND'],
  ["another tenant's whose time is over", uploadId({ tenant: 'rivals', exp: AN_HOUR_AGO }), 404, 'NOT_FOUND'],
  ['an access token', signToken(accessClaims(), SECRET), 404, 'NOT_FOUND'],
  ['whose time is over', uploadId({ exp: AN_HOUR_AGO }), 410, 'UPLOAD_GONE'],
];

/** Status and code; HEAD has no body to read the code from. */
const check = async (answer: Response, method: string, [status, code]: [number, string]) => {
  expect(answer.status).toBe(status);
  const text = await answer.text();
  if (method === 'HEAD') {
    expect(text).toBe('');
    return;
  }
  const error = JSON.parse(text) as ErrorBody;
  expect(Object.keys(error).sort()).toEqual(['code', 'message', 'requestId']);
  expect(error.code).toBe(code);
  expect(error.message).not.toMatch(/acme|rivals|\bada\b|\bbob\b/);
};

/** A store in which nothing may happen. */
const untouched = () => {
  const tus = tusHarness();
  const refuse = () => Promise.reject(new Error('storage was not expected to be asked'));
  return tusHarness({
    store: { ...tus.store, listChunks: refuse, head: refuse, putChunkOnce: refuse, deleteChunks: refuse },
  });
};

describe.each(badTokens)('with a token in the path that is %s', (_token, token, status, code) => {
  it.each(creations)('%s is refused', async (_name, method, headers) => {
    await check(await untouched().send(method, '', { headers, token }), method, [status, code]);
  });

  it.each(requests)('%s is refused', async (_name, method, headers) => {
    const answer = await untouched().send(method, `/${uploadId()}`, { headers, token });
    await check(answer, method, [status, code]);
  });
});

describe.each(badIds)('with the id of an upload that is %s', (_id, id, status, code) => {
  it.each(requests)('%s is refused', async (_name, method, headers) => {
    await check(await untouched().send(method, `/${id}`, { headers }), method, [status, code]);
  });
});

it('a replayed PATCH of a complete upload changes nothing', async () => {
  const tus = tusHarness();
  const file = pictureOf(1000);
  const url = `/${uploadId({ size: file.length })}`;
  const headers = { ...TUS, 'content-type': STREAM, 'upload-offset': '0' };
  await tus.send('PATCH', url, { headers, body: body(file) });
  const answer = await tus.send('PATCH', url, { headers, body: body(Buffer.alloc(1000, 1)) });
  expect(answer.status).toBe(409);
  expect(tus.original(url)?.equals(file)).toBe(true);
});
