import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from './api.ts';

describe('the read side of the API', () => {
  let server: Server;
  let base: string;
  let answers: { status: number; body?: unknown; headers?: Record<string, string> }[];
  const seen: { url: string; authorization: string | undefined }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
      const { status, body, headers } = answers.shift() ?? { status: 500 };
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const tokens = () => {
    let current = 'old';
    return { get: async () => current, drop: () => (current = 'new') };
  };

  it('answers null for an image that nobody has claimed', async () => {
    answers = [{ status: 404 }];
    expect(await createApi(base, tokens()).getImage('X')).toBeNull();
  });

  it('asks once more with a new token, which never is in the address', async () => {
    answers = [{ status: 401 }, { status: 200, body: { images: [], next: null } }];
    expect(await createApi(base, tokens()).listImages('a b', 60)).toEqual({ images: [], next: null });
    expect(seen).toEqual([
      { url: '/images?limit=60&cursor=a+b', authorization: 'Bearer old' },
      { url: '/images?limit=60&cursor=a+b', authorization: 'Bearer new' },
    ]);
  });

  it('says what to do when access has ended', async () => {
    answers = [{ status: 401 }, { status: 401 }];
    await expect(createApi(base, tokens()).getImage('X')).rejects.toMatchObject({
      status: 401,
      message: 'Your access to this page has ended. Reload it to go on.',
    });
  });

  it('passes on the sentence and the wait that the API asks for', async () => {
    answers = [{ status: 503, body: { code: 'UNAVAILABLE', message: 'too busy' }, headers: { 'retry-after': '3' } }];
    await expect(createApi(base, tokens()).getImage('X')).rejects.toMatchObject({
      status: 503,
      message: 'too busy',
      retryAfterMs: 3000,
    });
  });

  it('tells a dead API from one that refuses', async () => {
    await expect(createApi('http://127.0.0.1:1', tokens()).getImage('X')).rejects.toMatchObject({ status: 0 });
  });
});
