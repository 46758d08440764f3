import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, NotFound, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { workflowInputSchema } from '@darkroom/types/workflow';
import { mockClient } from 'aws-sdk-client-mock';
import { claimed, IMAGE_ID, NOW, notification, nthId, poisons, record } from '../../../test/support/fixtures.ts';

const s3 = mockClient(S3Client);
const catalogue = mockClient(DynamoDBDocumentClient);
const workflows = mockClient(SFNClient);
const queue = mockClient(SQSClient);

const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:darkroom-test-process-media';
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/ingest';

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const context = { functionName: 'dispatch', awsRequestId: 'r', memoryLimitInMB: '256' };
let handler: Handler;
beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    STAGE: 'test',
    CATALOGUE_TABLE: 'catalogue',
    ORIGINALS_BUCKET: 'originals',
    STATE_MACHINE_ARN: MACHINE,
    INGEST_QUEUE_URL: QUEUE_URL,
    DEFAULT_TENANT: 'default',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    // Powertools writes through a console of its own, out of a spy's reach, except in development, where metrics are off.
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
  });
  handler = (await import('./handler.ts')).handler as Handler;
});

const eventOf = (...bodies: string[]) => ({
  Records: bodies.map((body, n) => ({
    messageId: `m${n}`,
    receiptHandle: `handle of m${n}`,
    body,
    attributes: { ApproximateReceiveCount: '2', SentTimestamp: '1' },
    messageAttributes: {},
    eventSource: 'aws:sqs',
  })),
});

const succeeds = (results: unknown) => ({ status: 'SUCCEEDED' as const, output: JSON.stringify(results) });

beforeEach(() => {
  for (const mock of [s3, catalogue, workflows, queue]) mock.reset();
  s3.on(HeadObjectCommand).resolves({
    ETag: '"e1"',
    ContentLength: 3_000_000,
    ContentType: 'image/jpeg',
    LastModified: new Date(NOW),
    Metadata: { tenant: 'acme', owner: 'ada' },
  });
  catalogue.on(UpdateCommand).callsFake(({ Key }: { Key: { imageId: string } }) => ({
    Attributes: claimed({ imageId: Key.imageId, attempt: 2 }),
  }));
  workflows.on(StartSyncExecutionCommand).resolves(succeeds([{ imageId: IMAGE_ID, status: 'READY' }]));
});

describe('dispatch handler', () => {
  it('claims, runs the state machine with its contract, and lets the message go', async () => {
    await expect(handler(eventOf(notification(IMAGE_ID)), context)).resolves.toEqual({ batchItemFailures: [] });

    const [claim] = catalogue.commandCalls(UpdateCommand);
    expect(claim?.args[0].input).toMatchObject({
      TableName: 'catalogue',
      Key: { imageId: IMAGE_ID },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ExpressionAttributeValues: { ':tenant': 'acme', ':claimMessageId': 'm0', ':claimReceiveCount': 2 },
    });
    const [run] = workflows.commandCalls(StartSyncExecutionCommand);
    expect(run?.args[0].input.stateMachineArn).toBe(MACHINE);
    const input = workflowInputSchema.parse(JSON.parse(run?.args[0].input.input ?? ''));
    expect(input.images).toMatchObject([{ imageId: IMAGE_ID, attempt: 2 }]);
    expect(queue.calls()).toHaveLength(0);
  });

  it('gives a message back early when its image must be tried again', async () => {
    workflows.on(StartSyncExecutionCommand).resolves(succeeds([{ imageId: IMAGE_ID, status: 'RETRY' }]));
    await expect(handler(eventOf(notification(IMAGE_ID)), context)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    const [change] = queue.commandCalls(ChangeMessageVisibilityCommand);
    expect(change?.args[0].input).toEqual({
      QueueUrl: QUEUE_URL,
      ReceiptHandle: 'handle of m0',
      VisibilityTimeout: 30,
    });
  });

  it.each([
    ['failed', () => workflows.on(StartSyncExecutionCommand).resolves({ status: 'FAILED', error: 'States.Runtime' })],
    ['timed out', () => workflows.on(StartSyncExecutionCommand).resolves({ status: 'TIMED_OUT' })],
    ['answered nonsense', () => workflows.on(StartSyncExecutionCommand).resolves(succeeds({ ok: true }))],
    ['answered nothing', () => workflows.on(StartSyncExecutionCommand).resolves({ status: 'SUCCEEDED' })],
    ['could not be started', () => workflows.on(StartSyncExecutionCommand).rejects(new Error('throttled'))],
  ])('gives every image back of an execution that %s', async (_how, arrange) => {
    arrange();
    const answer = await handler(eventOf(notification(nthId(1)), notification(nthId(2))), context);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }] });
  });

  it('reads the record in the way from the refusal itself, without another call', async () => {
    const refusal = { message: 'no', $metadata: {}, Item: marshall(record({ status: 'READY' })) };
    catalogue.on(UpdateCommand).rejects(new ConditionalCheckFailedException(refusal));
    await expect(handler(eventOf(notification(IMAGE_ID)), context)).resolves.toEqual({ batchItemFailures: [] });
    expect(catalogue.commandCalls(GetCommand)).toHaveLength(0);
    expect(workflows.calls()).toHaveLength(0);
  });

  it('gives the message back when the record keeps changing underneath', async () => {
    catalogue.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    catalogue.on(GetCommand).resolves({});
    await expect(handler(eventOf(notification(IMAGE_ID)), context)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
  });

  it('lets a message go whose object is gone', async () => {
    s3.on(HeadObjectCommand).rejects(new NotFound({ message: 'gone', $metadata: { httpStatusCode: 404 } }));
    await expect(handler(eventOf(notification(IMAGE_ID)), context)).resolves.toEqual({ batchItemFailures: [] });
    expect(catalogue.calls()).toHaveLength(0);
  });

  it('counts poison', async () => {
    const log = import.meta.jest.spyOn(console, 'log').mockImplementation(() => undefined);
    await handler(eventOf(poisons['no JSON'] ?? '', poisons['a foreign bucket'] ?? ''), context);
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown);
    log.mockRestore();
    expect(lines).toEqual([expect.objectContaining({ service: 'pipeline', MessagesRejected: 2 })]);
  });

  it('refuses an event that is none of SQS', async () => {
    await expect(handler({ Records: [{ s3: {} }] }, context)).rejects.toMatchObject({ name: 'InvalidEventError' });
  });
});
