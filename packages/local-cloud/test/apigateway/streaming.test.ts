import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createInvokeUrl, type InvokeUrl } from '../../src/apigateway/function-url.ts';
import { createApiGateway, type ApiGateway } from '../../src/apigateway/index.ts';
import type { LambdaService } from '../../src/lambda/index.ts';
import { sandbox, startLambda, zooFunction } from '../lambda/support.ts';

const box = sandbox();
let lambda: LambdaService;
let gateway: ApiGateway;
let invokeUrl: InvokeUrl;
let base: string;

beforeAll(async () => {
  lambda = await startLambda(
    box,
    ['streaming', 'streamingText', 'echo'].map((key) => zooFunction(key)),
  );
  gateway = createApiGateway(box.context, lambda);
  base = `http://127.0.0.1:${String(await gateway.listen(0, true))}/_url`;
  for (const key of ['streaming', 'streamingText', 'echo']) {
    gateway.addFunctionUrl({
      functionName: `zoo-local-${key}`,
      authorizer: 'none',
      invokeMode: 'RESPONSE_STREAM',
      cors: undefined,
    });
  }
  gateway.open(undefined);
  invokeUrl = createInvokeUrl(box.context, { ...lambda, modeOf: (name) => gateway.invokeModeOf(name) });
});

afterAll(async () => {
  await gateway.close();
  await lambda.close();
  box.dispose();
});

const open = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(`${base}${path}`, resolve).once('error', reject);
  });

describe('a function URL with InvokeMode RESPONSE_STREAM', () => {
  it('sends status, headers and cookies of the prelude, and the pieces after it as the body', async () => {
    const answer = await fetch(`${base}/zoo-local-streaming/?status=206&pieces=3`);
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-type')).toBe('image/avif');
    expect(answer.headers.get('x-zoo')).toBe('lion');
    expect(answer.headers.get('set-cookie')).toBe('a=1');
    expect(await answer.text()).toBe('aaaabbbbcccc');
  });

  it('sends what there is before the function has ended', async () => {
    const answer = await open('/zoo-local-streaming/?pieces=4&pause=150');
    const came: number[] = [];
    for await (const _chunk of answer) came.push(performance.now());
    expect(came.length).toBeGreaterThan(2);
    expect((came.at(-1) ?? 0) - (came[0] ?? 0)).toBeGreaterThan(200);
  });

  it('carries more than the six megabytes of an answer that is not streamed', async () => {
    const answer = await fetch(`${base}/zoo-local-streaming/?pieces=10&bytes=1000000`);
    expect((await answer.arrayBuffer()).byteLength).toBe(10_000_000);
  });

  it('sends an answer that has no body', async () => {
    const answer = await fetch(`${base}/zoo-local-streaming/?status=302&pieces=0`, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(await answer.text()).toBe('');
  });

  it('sends no body to a HEAD', async () => {
    const answer = await fetch(`${base}/zoo-local-streaming/`, { method: 'HEAD' });
    expect(answer.headers.get('x-zoo')).toBe('lion');
    expect(await answer.text()).toBe('');
  });

  it('answers 500 when the function fails before its first piece, and cuts the answer when it fails later', async () => {
    expect((await fetch(`${base}/zoo-local-streaming/?failAfter=0`)).status).toBe(500);

    const answer = await open('/zoo-local-streaming/?failAfter=2&pieces=4&pause=20');
    expect(answer.statusCode).toBe(200);
    await expect(buffer(answer)).rejects.toThrow('aborted');
  });

  it('takes the content type of a function that writes no prelude', async () => {
    const answer = await fetch(`${base}/zoo-local-streamingText/`);
    expect(answer.headers.get('content-type')).toBe('text/csv');
    expect(await answer.text()).toBe('a,b\n');
  });

  it('sends the whole envelope of a function that does not stream, as AWS does', async () => {
    const answer = await fetch(`${base}/zoo-local-echo/`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toMatchObject({ event: { version: '2.0' } });
  });
});

describe('the same inside the process, as the CDN calls it', () => {
  const ask = (query: string) => invokeUrl('zoo-local-streaming', { method: 'GET', path: '/v/1', query });

  it('gathers the answer', async () => {
    await expect(ask('pieces=2')).resolves.toMatchObject({
      status: 200,
      headers: { 'content-type': 'image/avif', 'x-zoo': 'lion' },
      body: Buffer.from('aaaabbbb'),
    });
  });

  it('takes the beginning of an answer for none', async () => {
    await expect(ask('pieces=4&failAfter=2')).resolves.toMatchObject({ status: 500 });
  });
});

describe('Invoke of a function that streams', () => {
  it('answers when it has ended, prelude and all', async () => {
    const { payload } = await lambda.invoke('zoo-local-streaming', {});
    expect(payload).toMatch(/^\{"statusCode":200,.*\}\0{8}aaaabbbb$/s);
  });
});
