import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { createLambda, type LambdaService } from '../../src/lambda/index.ts';
import { noPorts, sandbox, zooFunction } from './support.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:jobs';

const box = sandbox();
let lambda: LambdaService;
let server: Server;
let client: LambdaClient;

beforeAll(async () => {
  lambda = createLambda(box.context, noPorts);
  await lambda.deploy({
    functions: ['echo', 'failing', 'chatty'].map((key) => zooFunction(key)),
    queueTriggers: [
      {
        functionName: 'zoo-local-echo',
        queueArn: QUEUE,
        batchSize: 7,
        windowSeconds: 2,
        maximumConcurrency: 4,
        reportBatchItemFailures: true,
        enabled: true,
      },
    ],
    schedules: [],
  });
  server = createServer((request, response) => void lambda.handle(request, response, { requestId: 'r-1' }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new LambdaClient({
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await lambda.close();
  box.dispose();
});

function parse(payload: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
}

describe('Invoke', () => {
  // "RequestResponse (default) – Invoke the function synchronously."
  it('answers with the payload and the version that ran', async () => {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: 'zoo-local-echo', Payload: JSON.stringify({ a: 'ü' }) }),
    );

    expect(answer.StatusCode).toBe(200);
    expect(answer.ExecutedVersion).toBe('$LATEST');
    expect(answer.FunctionError).toBeUndefined();
    expect(parse(answer.Payload)).toMatchObject({ event: { a: 'ü' } });
  });

  // "FunctionError: If present, indicates that an error occurred during function execution."
  it('marks the error of a function and still answers 200', async () => {
    const answer = await client.send(new InvokeCommand({ FunctionName: 'zoo-local-failing' }));

    expect(answer.StatusCode).toBe(200);
    expect(answer.FunctionError).toBe('Unhandled');
    expect(parse(answer.Payload)).toMatchObject({ errorType: 'PictureError', errorMessage: 'no such picture' });
  });

  // "LogResult: The last 4 KB of the execution log, which is base64-encoded."
  it('gives the tail of the log when asked', async () => {
    const answer = await client.send(
      new InvokeCommand({
        FunctionName: 'zoo-local-chatty',
        LogType: 'Tail',
        Payload: JSON.stringify({ text: 'a roar', at: Date.now() }),
      }),
    );

    const tail = Buffer.from(answer.LogResult ?? '', 'base64').toString('utf8');
    expect(tail).toContain('a roar');
    expect(tail).not.toContain('CloudWatchMetrics');
  });

  // "Event – Invoke the function asynchronously … 202"; "DryRun – Validate parameter values … 204"
  it.each([
    ['Event', 202],
    ['DryRun', 204],
  ] as const)('answers %s with %i and no payload', async (InvocationType, status) => {
    const answer = await client.send(new InvokeCommand({ FunctionName: 'zoo-local-echo', InvocationType }));

    expect(answer.StatusCode).toBe(status);
    expect(answer.Payload?.length ?? 0).toBe(0);
  });

  it.each([
    ['an unknown function', { FunctionName: 'nobody' }, 'ResourceNotFoundException', 404],
    [
      'a payload that is no JSON',
      { FunctionName: 'zoo-local-echo', Payload: '{' },
      'InvalidRequestContentException',
      400,
    ],
    [
      'a payload over 6 MB',
      { FunctionName: 'zoo-local-echo', Payload: `"${'x'.repeat(6 * 1024 * 1024)}"` },
      'RequestTooLargeException',
      413,
    ],
  ])('refuses %s', async (_what, input, name, status) => {
    await expect(client.send(new InvokeCommand(input))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: status },
    });
  });
});

describe('descriptions', () => {
  it('lists functions and their configuration', async () => {
    const list = await client.send(new ListFunctionsCommand({}));
    const one = await client.send(new GetFunctionCommand({ FunctionName: 'zoo-local-echo' }));
    const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'zoo-local-echo' }));

    expect(list.Functions?.map(({ FunctionName }) => FunctionName)).toEqual([
      'zoo-local-echo',
      'zoo-local-failing',
      'zoo-local-chatty',
    ]);
    expect(one.Configuration).toMatchObject({
      MemorySize: 256,
      Timeout: 10,
      Environment: { Variables: { COLOUR: 'amber' } },
    });
    expect(configuration.FunctionArn).toBe('arn:aws:lambda:us-east-1:000000000000:function:zoo-local-echo');
  });

  it('lists event source mappings, by function too', async () => {
    const all = await client.send(new ListEventSourceMappingsCommand({ FunctionName: 'zoo-local-echo' }));
    const none = await client.send(new ListEventSourceMappingsCommand({ FunctionName: 'zoo-local-failing' }));

    expect(all.EventSourceMappings).toMatchObject([
      {
        EventSourceArn: QUEUE,
        BatchSize: 7,
        MaximumBatchingWindowInSeconds: 2,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 4 },
      },
    ]);
    expect(none.EventSourceMappings).toEqual([]);
  });
});
