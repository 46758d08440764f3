import { get } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corsRules } from '../../src/apigateway/cors.ts';
import { createApiGateway, type ApiGateway } from '../../src/apigateway/index.ts';
import { toRoute } from '../../src/apigateway/routes.ts';
import type { InvokeResult } from '../../src/ports.ts';
import type { CloudContext } from '../../src/service.ts';

const context: CloudContext = {
  accountId: '000000000000',
  region: 'us-east-1',
  dataDir: '/nonexistent',
  endpoint: () => 'http://127.0.0.1:4566',
  now: () => Date.UTC(2026, 2, 12, 19, 3, 58),
  credentials: new Map(),
  log: () => undefined,
};

interface Seen {
  name: string;
  event: Record<string, unknown>;
}

const seen: Seen[] = [];
let answer: InvokeResult = { payload: { statusCode: 200 } };
let gateway: ApiGateway;
let base: string;
let folder: string;

const CORS = {
  allowedOrigins: ['https://*.example.org', 'http://localhost:5173'],
  allowedMethods: ['GET', 'POST'],
  allowedHeaders: ['Authorization'],
  exposedResponseHeaders: ['Retry-After'],
  maxAge: 600,
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-page-'));
  mkdirSync(join(folder, 'web'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'web', 'index.html'), '<h1>page</h1>');
  const invoke = (name: string, event: unknown) => {
    seen.push({ name, event: event as Record<string, unknown> });
    return Promise.resolve(answer);
  };
  gateway = createApiGateway(context, { invoke, stream: invoke });
  base = `http://127.0.0.1:${String(await gateway.listen(0, true))}`;
  const routes = [
    'GET /images',
    'GET /images/{id}',
    'GET /images/latest',
    'POST /images/{id}',
    '* /files/{proxy+}',
  ].map((text) => {
    const [method = '', path = ''] = text.split(' ');
    return toRoute({ method, path }, { functionName: `f ${text}`, api: 'zoo' });
  });
  gateway.addApi({ name: 'zoo', routes, cors: corsRules(CORS, []) });
  gateway.addFunctionUrl({
    functionName: 'zoo-local-Render',
    authorizer: 'none',
    invokeMode: 'BUFFERED',
    cors: undefined,
  });
  gateway.addFunctionUrl({
    functionName: 'zoo-local-closed',
    authorizer: 'aws_iam',
    invokeMode: 'BUFFERED',
    cors: undefined,
  });
  gateway.open({ dir: join(folder, 'web'), config: () => ({ api: base }) });
});

afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  seen.length = 0;
  answer = { payload: { statusCode: 200, body: 'ok' } };
});

/** The one event of a request. */
async function eventOf(path: string, init: RequestInit = {}): Promise<Seen> {
  await fetch(base + path, init);
  const [first] = seen;
  if (!first) throw new Error(`expected ${path} to reach a function`);
  return first;
}

/** A request whose path is sent as it stands; fetch would tidy it up. */
function raw(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    httpRequest(base, { path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('the event', () => {
  // The example of http-api-develop-integrations-lambda, "Payload format structure", version 2.0.
  it('has the shape of payload format 2.0', async () => {
    const { event } = await eventOf('/images/a%20b?x=1&x=2&y=%20z', {
      method: 'POST',
      headers: { 'X-Own': 'One', cookie: 'c1=1; c2=2', 'content-type': 'application/json', 'user-agent': 'jest' },
      body: '{"a":1}',
    });

    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /images/{id}',
      rawPath: '/images/a%20b',
      rawQueryString: 'x=1&x=2&y=%20z',
      cookies: ['c1=1', 'c2=2'],
      headers: { 'x-own': 'One', 'content-type': 'application/json' },
      queryStringParameters: { x: '1,2', y: ' z' },
      pathParameters: { id: 'a b' },
      body: '{"a":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId: 'zoo',
        http: { method: 'POST', path: '/images/a%20b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'jest' },
        routeKey: 'POST /images/{id}',
        stage: '$default',
        time: '12/Mar/2026:19:03:58 +0000',
        timeEpoch: Date.UTC(2026, 2, 12, 19, 3, 58),
      },
    });
    expect(event.headers).not.toHaveProperty('cookie');
  });

  it('carries binary bodies as Base64', async () => {
    const bytes = Buffer.from([0xff, 0xd8, 0xff, 0x00]);

    const { event } = await eventOf('/images/1', {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: bytes,
    });

    expect(event).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
  });

  it('leaves out what the request does not have', async () => {
    const { event } = await eventOf('/images');

    expect(Object.keys(event)).toEqual([
      'version',
      'routeKey',
      'rawPath',
      'rawQueryString',
      'headers',
      'requestContext',
      'isBase64Encoded',
    ]);
  });
});

describe('routing', () => {
  it.each([
    ['/images', 'f GET /images'],
    ['/images/latest', 'f GET /images/latest'],
    ['/images/other', 'f GET /images/{id}'],
    ['/files/a/b/c', 'f * /files/{proxy+}'],
  ])('%s goes to %s', async (path, name) => {
    expect((await eventOf(path)).name).toBe(name);
  });

  it('answers 404 where no route and no file fits', async () => {
    const response = await fetch(`${base}/nowhere`);

    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: 'Not Found' });
  });
});

describe('the answer', () => {
  it('takes status, headers, cookies and Base64 bodies from the function', async () => {
    answer = {
      payload: {
        statusCode: 201,
        headers: { 'Content-Type': 'image/png' },
        cookies: ['a=1', 'b=2'],
        body: Buffer.from([1, 2, 255]).toString('base64'),
        isBase64Encoded: true,
      },
    };

    const response = await fetch(`${base}/images`);

    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([1, 2, 255]));
  });

  // "If your Lambda function returns valid JSON and doesn't return a statusCode, API Gateway assumes …"
  it('infers 200 and JSON when the function gives no status', async () => {
    answer = { payload: { hello: 'world' } };

    const response = await fetch(`${base}/images`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ hello: 'world' });
  });

  it('never shows the error of a function', async () => {
    answer = {
      payload: { errorType: 'Error', errorMessage: 'password is 1234', trace: [] },
      functionError: 'Unhandled',
    };

    const response = await fetch(`${base}/images`);

    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  });

  it('refuses bodies over the limits of the gateway (10 MB) and of Lambda (6 MB in Base64)', async () => {
    const post = (bytes: number): Promise<Response> =>
      fetch(`${base}/images/1`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: Buffer.alloc(bytes),
      });

    expect((await post(11 * 1024 * 1024)).status).toBe(413);
    expect((await post(5 * 1024 * 1024)).status).toBe(413);
    expect((await post(4 * 1024 * 1024)).status).toBe(200);
  });
});

describe('CORS', () => {
  it('answers a preflight itself', async () => {
    const response = await fetch(`${base}/images`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example.org', 'access-control-request-method': 'POST' },
    });

    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://a.example.org',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'Authorization',
      'access-control-max-age': '600',
    });
    expect(seen).toEqual([]);
  });

  it('adds its headers to answers for allowed origins only', async () => {
    const allowed = await fetch(`${base}/images`, { headers: { origin: 'http://localhost:5173' } });
    const refused = await fetch(`${base}/images`, { headers: { origin: 'https://evil.test' } });

    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(allowed.headers.get('access-control-expose-headers')).toBe('Retry-After');
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the page', () => {
  it('serves files and the configuration where no route fits', async () => {
    expect(await (await fetch(`${base}/`)).text()).toBe('<h1>page</h1>');
    expect(await (await fetch(`${base}/config.json`)).json()).toEqual({ api: base });
  });

  it('keeps its configuration, which holds a token, from a foreign name that points here', async () => {
    const { port } = new URL(base);
    const status = await new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/config.json', headers: { host: 'evil.example' } };
      get(options, ({ statusCode }) => {
        resolve(statusCode);
      }).once('error', reject);
    });
    expect(status).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%5csecret.txt',
    '/a/../../secret.txt',
    '/%00',
    '/%zz',
  ])('does not leave its folder for %s', async (path) => {
    const { status, body } = await raw(path);

    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });
});

describe('function URLs', () => {
  it('reach their function by path and by host', async () => {
    await raw('/_url/zoo-local-Render/v/1?w=2');
    await raw('/v/1?w=2', { host: 'zoo-local-render.lambda-url.localhost:4567' });

    expect(seen.map(({ name }) => name)).toEqual(['zoo-local-Render', 'zoo-local-Render']);
    expect(seen.map(({ event }) => [event.rawPath, event.rawQueryString, event.routeKey])).toEqual([
      ['/v/1', 'w=2', '$default'],
      ['/v/1', 'w=2', '$default'],
    ]);
  });

  it('refuse unsigned callers where only AWS identities may call', async () => {
    expect((await raw('/_url/zoo-local-closed/')).status).toBe(403);
    expect((await raw('/_url/zoo-local-unknown/')).status).toBe(404);
  });
});
