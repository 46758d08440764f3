import type { LambdaService } from '../../src/lambda/index.ts';
import { sandbox, startLambda, zooFunction } from './support.ts';

const box = sandbox();
let lambda: LambdaService;

const KEYS = [
  'echo',
  'nothing',
  'withCallback',
  'failing',
  'throwingText',
  'aborting',
  'exiting',
  'rejecting',
  'binary',
  'chatty',
];

beforeAll(async () => {
  lambda = await startLambda(box, [
    ...KEYS.map((key) => zooFunction(key)),
    zooFunction('sleeping', { timeoutSeconds: 1, reservedConcurrency: 2 }),
    zooFunction('hungry', { memoryMb: 192 }),
    zooFunction('missing', { handler: 'src/handlers.missing' }),
  ]);
});

afterAll(async () => {
  await lambda.close();
  box.dispose();
});

describe('invocation', () => {
  it('gives the function its event, its context and the environment of its configuration, not of the parent', async () => {
    process.env.PARENT_ONLY = 'secret';

    const { payload, functionError } = await lambda.invoke('zoo-local-echo', { animal: 'okapi' });

    const seen = payload as {
      event: unknown;
      cwd: string;
      context: Record<string, unknown>;
      env: Record<string, string>;
    };
    expect(functionError).toBeUndefined();
    expect(seen.event).toEqual({ animal: 'okapi' });
    expect(seen.cwd.endsWith('fixtures/zoo')).toBe(true);
    expect(seen.context).toMatchObject({
      functionName: 'zoo-local-echo',
      memoryLimitInMB: '256',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(seen.context.remaining).toBeGreaterThan(5_000);
    expect(seen.env).toMatchObject({
      COLOUR: 'amber',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      _HANDLER: 'src/handlers.echo',
    });
    expect(seen.env.PARENT_ONLY).toBeUndefined();
  });

  it('reuses an environment that has nothing to do', async () => {
    const first = (await lambda.invoke('zoo-local-echo', {})).payload as { pid: number; invocations: number };
    const second = (await lambda.invoke('zoo-local-echo', {})).payload as { pid: number; invocations: number };

    expect(second.pid).toBe(first.pid);
    expect(second.invocations).toBe(first.invocations + 1);
  });

  it.each([
    ['nothing', null],
    ['withCallback', { called: { a: 1 } }],
    ['binary', { text: 'Grüße 🦁 \u0000 end' }],
  ])('answers %s', async (key, expected) => {
    const { payload } = await lambda.invoke(`arn:aws:lambda:us-east-1:000000000000:function:zoo-local-${key}`, {
      a: 1,
    });

    expect(payload).toEqual(expected);
  });

  it('refuses an unknown function', async () => {
    await expect(lambda.invoke('nobody', {})).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
  });
});

describe('failure', () => {
  // "errorType: the name of the error's class": what Retry and Catch of Step Functions match.
  it('reports the name, the message and the trace of a thrown error', async () => {
    const { payload, functionError } = await lambda.invoke('zoo-local-failing', {});

    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'PictureError', errorMessage: 'no such picture' });
    expect((payload as { trace: string[] }).trace[0]).toBe('PictureError: no such picture');
  });

  it.each([
    ['throwingText', { errorType: 'string', errorMessage: 'just text' }],
    ['aborting', { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: aborted') }],
    ['exiting', { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') }],
    ['rejecting', { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: forgotten' }],
    ['missing', { errorType: 'Runtime.HandlerNotFound', errorMessage: 'missing is undefined or not exported' }],
  ])('reports %s', async (key, expected) => {
    const { payload, functionError } = await lambda.invoke(`zoo-local-${key}`, {});

    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject(expected);
  });

  it('gives the next invocation a new process after a crash', async () => {
    await lambda.invoke('zoo-local-aborting', {});

    const again = await lambda.invoke('zoo-local-aborting', {});

    expect(again.payload).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  it('kills an invocation at its timeout', async () => {
    const { payload } = await lambda.invoke('zoo-local-sleeping', { ms: 60_000 });

    expect(payload).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
    });
  });

  it('kills an invocation that takes more memory than it may', async () => {
    const { payload } = await lambda.invoke('zoo-local-hungry', { megabytes: 2048 });

    expect(payload).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: expect.stringContaining('signal: killed'),
    });
  });
});

describe('concurrency', () => {
  it('runs one invocation at a time in a process and no more processes than the maximum', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => lambda.invoke('zoo-local-sleeping', { ms: 100 })),
    );

    const pids = new Set(answers.map(({ payload }) => (payload as { pid: number }).pid));
    expect(answers.every(({ functionError }) => functionError === undefined)).toBe(true);
    expect(pids.size).toBe(2);
  });
});

describe('logs', () => {
  it('keeps embedded metrics apart from the log', async () => {
    const at = Date.now();

    await lambda.invoke('zoo-local-chatty', { text: 'the lion sleeps', at });

    const points = lambda.metrics();

    expect(points).toContainEqual({
      namespace: 'Zoo',
      metric: 'Fed',
      unit: 'Count',
      dimensions: { kind: 'lion' },
      minute: Math.floor(at / 60_000) * 60_000,
      sum: 7,
      count: 2,
      min: 2,
      max: 5,
    });
  });
});
