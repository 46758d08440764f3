import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createHttpApp } from './http.ts';
import type { Logger } from './observability.ts';
import { streamingHttpHandler } from './streaming.ts';

interface Prelude {
  statusCode: number;
  headers: Record<string, string>;
  cookies: string[];
}
type StreamingHandler = (event: unknown, stream: PassThrough, context: unknown) => Promise<void>;

const createApp = () => {
  const app = createHttpApp({ error: () => undefined } as unknown as Logger);
  app.get('/picture', (c) => {
    c.header('Set-Cookie', 'a=1');
    return c.body(new Uint8Array(9_000_000).fill(7), 200, { 'Content-Type': 'image/avif' });
  });
  app.get('/elsewhere', (c) => c.redirect('/picture', 302));
  app.post('/echo', async (c) => c.text(`${c.req.query('n')} ${await c.req.text()}`));
  app.get('/broken', () => {
    throw new TypeError('secret detail');
  });
  return app;
};

const eventOf = (method: string, path: string, more: object = {}) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'x.lambda-url.eu-west-1.on.aws' },
  requestContext: { domainName: 'x.lambda-url.eu-west-1.on.aws', http: { method, path } },
  isBase64Encoded: false,
  ...more,
});

describe('streamingHttpHandler', () => {
  const preludes: Prelude[] = [];
  beforeEach(() => {
    preludes.length = 0;
    // What Lambda's Node runtime sets, as far as it is used.
    Object.assign(globalThis, {
      awslambda: {
        streamifyResponse: (handler: unknown) => handler,
        HttpResponseStream: {
          from: (stream: PassThrough, prelude: Prelude) => {
            preludes.push(prelude);
            return stream;
          },
        },
      },
    });
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'awslambda');
  });

  const call = async (event: unknown): Promise<{ prelude: Prelude | undefined; body: Buffer }> => {
    const handler = streamingHttpHandler(createApp()) as unknown as StreamingHandler;
    const stream = new PassThrough();
    const [body] = await Promise.all([buffer(stream), handler(event, stream, { awsRequestId: 'r-1' })]);
    return { prelude: preludes[0], body };
  };

  it('sends status, headers and cookies ahead of a large body', async () => {
    const { prelude, body } = await call(eventOf('GET', '/picture'));
    expect(prelude).toMatchObject({ statusCode: 200, headers: { 'content-type': 'image/avif' }, cookies: ['a=1'] });
    expect(body.equals(Buffer.alloc(9_000_000, 7))).toBe(true);
  });

  it('ends an answer without a body', async () => {
    const { prelude, body } = await call(eventOf('GET', '/elsewhere'));
    expect(prelude).toMatchObject({ statusCode: 302, headers: { location: '/picture' } });
    expect(body).toHaveLength(0);
  });

  it('hands over query and body', async () => {
    const more = { rawQueryString: 'n=4', body: Buffer.from('Förde').toString('base64'), isBase64Encoded: true };
    expect((await call(eventOf('POST', '/echo', more))).body.toString()).toBe('4 Förde');
  });

  it('answers errors as every API here does, with the id of the invocation', async () => {
    const { prelude, body } = await call(eventOf('GET', '/broken'));
    expect(prelude?.statusCode).toBe(500);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'INTERNAL', requestId: 'r-1' });
  });

  it('answers whole where the decorator is there and streams are not, as under sls offline', async () => {
    const handler = streamingHttpHandler(createApp()) as unknown as (event: unknown, context: unknown) => unknown;
    expect(await handler(eventOf('GET', '/elsewhere'), { awsRequestId: 'r-1' })).toMatchObject({ statusCode: 302 });
  });

  it('answers whole where the runtime cannot stream, though the global exists', async () => {
    Object.assign(globalThis, { awslambda: {} });
    const handler = streamingHttpHandler(createApp()) as unknown as (event: unknown, context: unknown) => unknown;
    expect(await handler(eventOf('GET', '/elsewhere'), { awsRequestId: 'r-1' })).toMatchObject({ statusCode: 302 });
  });
});
