import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { redriveMessageSchema } from '@darkroom/types/s3-event';
import { mockClient } from 'aws-sdk-client-mock';
import { abandoned, IMAGE_ID } from '../../../test/support/fixtures.ts';

const catalogue = mockClient(DynamoDBDocumentClient);
const queue = mockClient(SQSClient);
const bus = mockClient(EventBridgeClient);
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/ingest';

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const context = { functionName: 'sweep', awsRequestId: 'r', memoryLimitInMB: '256' };
const scheduled = { 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} };
let handler: Handler;
beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    STAGE: 'test',
    CATALOGUE_TABLE: 'catalogue',
    INGEST_QUEUE_URL: QUEUE_URL,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    // Powertools writes through a console of its own, out of a spy's reach, except in development, where metrics are off.
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
  });
  handler = (await import('./handler.ts')).handler as Handler;
});

/** Lines of embedded metrics written while `work` runs. */
const metricsOf = async (work: () => Promise<unknown>): Promise<unknown[]> => {
  const log = import.meta.jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await work();
    return log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown);
  } finally {
    log.mockRestore();
  }
};

const inShard = (record: ReturnType<typeof abandoned>) =>
  catalogue
    .on(QueryCommand, { ExpressionAttributeValues: { ':shard': record.leaseShard } }, false)
    .resolves({ Items: [record] });

beforeEach(() => {
  for (const mock of [catalogue, queue, bus]) mock.reset();
  catalogue.on(QueryCommand).resolves({ Items: [] });
  catalogue.on(UpdateCommand).resolves({ Attributes: abandoned({ attempt: 3, status: 'FAILED' }) });
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
});

describe('sweep handler', () => {
  it('asks every shard of the lease index and measures even that nothing was there', async () => {
    const lines = await metricsOf(() => handler(scheduled, context));
    const shards = catalogue.commandCalls(QueryCommand).map(({ args }) => args[0].input.ExpressionAttributeValues);
    expect(shards.map((values) => String(values?.[':shard'])).sort()).toEqual(
      '01234567'.replace(/./g, 'L$& ').trim().split(' '),
    );
    expect(lines).toEqual([expect.objectContaining({ service: 'monitoring', LeasesSwept: 0 })]);
  });

  it('puts an abandoned image back on the ingest queue', async () => {
    inShard(abandoned());
    const lines = await metricsOf(() => handler(scheduled, context));
    const [sent] = queue.commandCalls(SendMessageCommand);
    expect(sent?.args[0].input.QueueUrl).toBe(QUEUE_URL);
    const message = redriveMessageSchema.parse(JSON.parse(sent?.args[0].input.MessageBody ?? ''));
    expect(message.imageId).toBe(IMAGE_ID);
    expect(lines).toEqual([expect.objectContaining({ LeasesSwept: 1 })]);
  });

  it('fails an image after its last attempt and tells the bus', async () => {
    inShard(abandoned({ attempt: 3 }));
    const lines = await metricsOf(() => handler(scheduled, context));
    const [sent] = bus.commandCalls(PutEventsCommand);
    expect(sent?.args[0].input.Entries).toMatchObject([{ Source: 'darkroom.test', DetailType: 'image.failed' }]);
    expect(lines).toEqual([expect.objectContaining({ LeasesSwept: 1, ImagesFailed: 1 })]);
  });

  it('ends in an error when the bus does not take the event, with its measures written', async () => {
    inShard(abandoned({ attempt: 3 }));
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });
    const lines = await metricsOf(() =>
      expect(handler(scheduled, context)).rejects.toMatchObject({ name: 'SweepIncompleteError' }),
    );
    expect(lines).toHaveLength(1);
  });
});
