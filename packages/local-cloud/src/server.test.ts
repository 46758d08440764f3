import { once } from 'node:events';
import { connect } from 'node:net';
import { QueueDoesNotExist, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createCloudServer, type CloudServer } from './server.ts';
import { AwsError, type HttpService, type JsonAction, type Log } from './service.ts';

const named = (name: string): HttpService => ({
  handle: async (_request, response) => {
    response.end(name);
  },
});

const logged: { level: string; message: string }[] = [];
const log: Log = (level, message) => void logged.push({ level, message });
let server: CloudServer;

async function start(actions: Record<string, JsonAction> = {}): Promise<string> {
  server = createCloudServer({
    port: 0,
    log,
    services: {
      json: [{ targetPrefix: 'AmazonSQS', contentType: 'application/x-amz-json-1.0', actions }],
      s3: named('s3'),
      lambda: named('lambda'),
      sts: named('sts'),
      admin: named('admin'),
    },
  });
  return (await server.listen()).endpoint;
}

const call = (endpoint: string, action: string, body = '{}') =>
  fetch(endpoint, { method: 'POST', headers: { 'x-amz-target': `AmazonSQS.${action}` }, body });

afterEach(async () => {
  logged.length = 0;
  await server.close();
});

describe('the one endpoint', () => {
  it('finds the service of a request by target, path and credential scope', async () => {
    const endpoint = await start();
    const authorization =
      'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0';
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const ask = async (path: string, init?: RequestInit) => (await fetch(`${endpoint}${path}`, init)).text();

    expect(await ask('/2015-03-31/functions/f/invocations', { method: 'POST' })).toBe('lambda');
    expect(await ask('/_darkroom/health')).toBe('admin');
    expect(
      await ask('/', { method: 'POST', headers: { ...form, authorization }, body: 'Action=GetCallerIdentity' }),
    ).toBe('sts');
    expect(await ask('/', { method: 'POST', headers: form, body: 'a=b' })).toBe('s3');
    expect(await ask('/bucket/key')).toBe('s3');
  });

  it('keeps a page of another origin away from Lambda', async () => {
    const endpoint = await start();
    const answer = await fetch(`${endpoint}/2015-03-31/functions/f/invocations`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    });
    expect(await answer.text()).toBe('s3');
  });

  it('answers an action with JSON and the request id', async () => {
    const endpoint = await start({ Echo: (input) => ({ input }) });
    const answer = await call(endpoint, 'Echo', '{"a":1}');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(await answer.json()).toEqual({ input: { a: 1 } });
  });

  it('gives the SDK the class of an SQS error', async () => {
    const endpoint = await start({
      ReceiveMessage: () => {
        throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      },
    });
    const client = new SQSClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await expect(client.send(new ReceiveMessageCommand({ QueueUrl: `${endpoint}/0/q` }))).rejects.toBeInstanceOf(
      QueueDoesNotExist,
    );
    client.destroy();
  });

  it.each([
    ['Missing', '{}', 400, 'UnknownOperationException'],
    ['toString', '{}', 400, 'UnknownOperationException'],
    ['Fail', '[]', 400, 'SerializationException'],
    ['Fail', '{', 400, 'SerializationException'],
    ['Fail', '{}', 500, 'InternalFailure'],
  ])('answers %s with body %s as %d %s', async (action, body, status, code) => {
    const endpoint = await start({
      Fail: () => {
        throw new Error('secret detail');
      },
    });
    const answer = await call(endpoint, action, body);
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ __type: code });
    expect(text).not.toContain('secret detail');
    expect(logged.some(({ level }) => level === 'error')).toBe(status === 500);
  });

  it('aborts the signal of an action whose client goes away', async () => {
    const seen = Promise.withResolvers<AbortSignal>();
    const endpoint = await start({
      Poll: (_input, { signal }) => {
        seen.resolve(signal);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve({})));
      },
    });
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSQS.Poll\r\ncontent-length: 2\r\n\r\n{}');
    const signal = await seen.promise;
    expect(signal.aborted).toBe(false);

    const aborted = once(signal, 'abort');
    socket.destroy();
    await aborted;
    expect(signal.aborted).toBe(true);
  });

  it('ends a long poll when it closes', async () => {
    const polling = Promise.withResolvers<boolean>();
    const endpoint = await start({
      Poll: (_input, { signal }) => {
        polling.resolve(true);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ended: true })));
      },
    });
    const answer = call(endpoint, 'Poll');
    await polling.promise;
    await server.close();
    expect(await (await answer).json()).toEqual({ ended: true });
  });

  it('takes the next free port only when told so', async () => {
    const endpoint = await start();
    const port = Number(new URL(endpoint).port);
    const options = { port, log, services: { json: [], s3: named('s3') } };
    await expect(createCloudServer(options).listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });

    const second = createCloudServer({ ...options, strictPort: false });
    expect((await second.listen()).port).toBeGreaterThan(port);
    await second.close();
  });

  it('binds to loopback and nothing else', async () => {
    await start();
    expect(() => createCloudServer({ host: '0.0.0.0', port: 0, log, services: { json: [], s3: named('s3') } })).toThrow(
      /loopback/,
    );
  });
});
