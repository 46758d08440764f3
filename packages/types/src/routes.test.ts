import { errorsOf, pathParameters, type Route, routes } from './routes.ts';

const bare: Route = {
  id: 'bare',
  service: 'upload',
  tag: 'health',
  method: 'GET',
  path: '/bare',
  summary: 'Nothing.',
  token: { kind: 'none' },
  answers: {},
  errors: [],
};
const named = (route: Route): string[] => errorsOf(route).map(({ code, status }) => `${status} ${code}`);

describe('errorsOf', () => {
  it('adds what any call can run into, but for a route that asks nobody', () => {
    expect(named(bare)).toEqual([]);
    expect(named({ ...bare, token: { kind: 'upload' } })).toEqual([
      '401 TOKEN_MISSING',
      '401 TOKEN_INVALID',
      '401 TOKEN_EXPIRED',
      '404 NOT_FOUND',
      '500 INTERNAL',
      '503 UNAVAILABLE',
    ]);
  });

  it('has no missing token where the token is part of the path', () => {
    const token = { kind: 'access', scope: 'upload' } as const;
    expect(named({ ...bare, token: { ...token, place: 'header' } })).toContain('401 TOKEN_MISSING');
    expect(named({ ...bare, token: { ...token, place: 'path' } })).not.toContain('401 TOKEN_MISSING');
  });

  it('keeps a code once for each status, and a verdict at 409 unless it says otherwise', () => {
    const errors = ['NOT_FOUND', 'NOT_FOUND', 'TOO_LARGE', { code: 'TOO_LARGE', status: 422 }] as const;
    expect(named({ ...bare, errors })).toEqual(['404 NOT_FOUND', '409 TOO_LARGE', '422 TOO_LARGE']);
  });
});

describe('routes', () => {
  it('say in one sentence what they do', () => {
    for (const { id, summary } of routes)
      expect({ id, summary }).toEqual({ id, summary: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it('have a schema for each parameter of their path', () => {
    expect(pathParameters('/u/{token}/files/{id}')).toEqual(['token', 'id']);
    for (const { id, path, params } of routes)
      expect({ id, names: Object.keys(params?.shape ?? {}) }).toEqual({ id, names: pathParameters(path) });
  });
});
