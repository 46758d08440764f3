import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { header, IMAGE_ID, metadata, ready, rejected, task, variants } from '../../../test/support/fixtures.ts';

const catalogue = mockClient(DynamoDBDocumentClient);
const bus = mockClient(EventBridgeClient);
const { jest } = import.meta;

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const context = { functionName: 'storeResults', awsRequestId: 'r', memoryLimitInMB: '256' };

const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    STAGE: 'test',
    CATALOGUE_TABLE: 'catalogue',
    TERMS_TABLE: 'terms',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    // Powertools writes through a console of its own, out of a spy's reach, except in development, where metrics are off.
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
  });
  return (await import('./handler.ts')).handler as Handler;
};

/** Lines of embedded metrics written while `work` runs. */
const metricsOf = async (work: () => Promise<unknown>): Promise<Record<string, unknown>[]> => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await work();
    return log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
  } finally {
    log.mockRestore();
  }
};

const input = { outcome: 'ready', task: task(), header, metadata, families: [{ family: 'thumbnail', variants }] };

beforeEach(() => {
  catalogue.reset();
  bus.reset();
  catalogue.on(BatchWriteCommand).resolves({});
  catalogue.on(GetCommand).resolves({ Item: ready() });
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
});

describe('storeResults handler', () => {
  it('writes, measures and tells', async () => {
    const handler = await loadHandler();
    catalogue.on(UpdateCommand).resolves({ Attributes: ready() });

    const lines = await metricsOf(async () => {
      await expect(handler(input, context)).resolves.toEqual({ imageId: IMAGE_ID, status: 'READY' });
    });

    expect(lines).toEqual([expect.objectContaining({ service: 'metadata', ImagesReady: 1, UploadToReady: 2_000 })]);
    const [sent] = bus.commandCalls(PutEventsCommand);
    expect(sent?.args[0].input.Entries).toMatchObject([{ Source: 'darkroom.test', DetailType: 'image.ready' }]);
  });

  it('puts the image into the search index before it tells, and again what the index left out', async () => {
    const handler = await loadHandler();
    catalogue.on(UpdateCommand).resolves({ Attributes: ready() });
    const left = { PutRequest: { Item: { term: 'acme##camera#test', imageId: IMAGE_ID } } };
    catalogue
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { terms: [left] } })
      .resolves({});

    await metricsOf(() => handler(input, context));

    const [first, second] = catalogue.commandCalls(BatchWriteCommand);
    expect(first?.args[0].input.RequestItems?.['terms']).toContainEqual(left);
    expect(second?.args[0].input.RequestItems).toEqual({ terms: [left] });
    expect(bus.commandCalls(PutEventsCommand)).toHaveLength(1);
  });

  it('throws TransientError when the search index stays busy, and does not tell', async () => {
    const handler = await loadHandler();
    catalogue.on(UpdateCommand).resolves({ Attributes: ready() });
    const left = { PutRequest: { Item: { term: 't', imageId: IMAGE_ID } } };
    catalogue.on(BatchWriteCommand).resolves({ UnprocessedItems: { terms: [left] } });
    await metricsOf(() => expect(handler(input, context)).rejects.toMatchObject({ name: 'TransientError' }));
    expect(bus.commandCalls(PutEventsCommand)).toHaveLength(0);
  });

  it('counts a rejection under its code', async () => {
    const handler = await loadHandler();
    catalogue.on(UpdateCommand).resolves({ Attributes: rejected() });
    const rejection = { outcome: 'rejected', task: task(), reason: { code: 'TOO_LARGE', message: 'too many pixels' } };

    const lines = await metricsOf(() => handler(rejection, context));

    expect(lines).toContainEqual(
      expect.objectContaining({ service: 'metadata', code: 'TOO_LARGE', ImagesRejected: 1 }),
    );
  });

  it('throws TransientError when the event is not taken, so that the state runs again', async () => {
    const handler = await loadHandler();
    catalogue.on(UpdateCommand).resolves({ Attributes: ready() });
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });
    await metricsOf(() => expect(handler(input, context)).rejects.toMatchObject({ name: 'TransientError' }));
  });

  it('answers the repeat from the record that is there', async () => {
    const handler = await loadHandler();
    catalogue.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    catalogue.on(GetCommand).resolves({ Item: ready() });
    await metricsOf(() => expect(handler(input, context)).resolves.toEqual({ imageId: IMAGE_ID, status: 'READY' }));
    expect(bus.commandCalls(PutEventsCommand)).toHaveLength(1);
  });

  it('refuses an event that is not its input', async () => {
    const handler = await loadHandler();
    await expect(handler({ outcome: 'perhaps' }, context)).rejects.toMatchObject({ name: 'InvalidEventError' });
  });
});
