import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { signToken } from '@darkroom/runtime/tokens';
import { mockClient } from 'aws-sdk-client-mock';
import { accessClaims, IMAGE_ID, nthId, ready, SECRET, VERSION } from '../../../test/support/fixtures.ts';

const catalogue = mockClient(DynamoDBDocumentClient);
const bus = mockClient(EventBridgeClient);
const ssm = mockClient(SSMClient);

interface Answer {
  statusCode: number;
  body: string;
  headers: Record<string, string>;
}
type Handler = (event: unknown, context: unknown) => Promise<Answer>;

const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    STAGE: 'test',
    CATALOGUE_TABLE: 'catalogue',
    TERMS_TABLE: 'terms',
    CDN_URL: 'https://cdn.test/',
    TOKEN_SECRET_PARAMETER: '/test/darkroom/shared/token-secret',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  return (await import('./handler.ts')).handler as unknown as Handler;
};

const call = async (method: string, path: string, query = ''): Promise<Answer> => {
  const handler = await loadHandler();
  const token = signToken(accessClaims({ exp: Math.floor(Date.now() / 1000) + 60 }), SECRET);
  const event = {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { authorization: `Bearer ${token}` },
    requestContext: { http: { method, path }, domainName: 'api.test', requestId: 'r', stage: '$default' },
    isBase64Encoded: false,
  };
  return handler(event, { awsRequestId: 'request-1' });
};

beforeEach(() => {
  catalogue.reset();
  bus.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: SECRET } });
});

describe('api handler', () => {
  it('shows an image with addresses on the edge of its environment', async () => {
    catalogue.on(GetCommand).resolves({ Item: ready() });
    const answer = await call('GET', `/images/${IMAGE_ID}`);
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ url: `https://cdn.test/i/${IMAGE_ID}/${VERSION}` });
  });

  it('lists what the catalogue has and leaves out what it cannot read', async () => {
    catalogue.on(QueryCommand).resolves({ Items: [{ imageId: nthId(2) }, { imageId: nthId(1) }] });
    const Responses = { catalogue: [ready({ imageId: nthId(1) }), { imageId: nthId(2), status: 'PERHAPS' }] };
    catalogue.on(BatchGetCommand).resolves({ Responses });
    const answer = await call('GET', '/images');
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ images: [{ imageId: nthId(1) }], next: null });
  });

  it('searches in the index, in the terms of the token', async () => {
    catalogue.on(QueryCommand).resolves({ Items: [{ imageId: IMAGE_ID }] });
    catalogue.on(BatchGetCommand).resolves({ Responses: { catalogue: [ready()] } });
    const answer = await call('GET', '/images', 'camera=TEST&limit=7');
    expect(JSON.parse(answer.body)).toMatchObject({ images: [{ imageId: IMAGE_ID }], next: null });
    const [asked] = catalogue.commandCalls(QueryCommand);
    expect(asked?.args[0].input).toMatchObject({
      TableName: 'terms',
      ExpressionAttributeValues: { ':term': 'acme#ada#camera#test' },
      ScanIndexForward: false,
      Limit: 7,
    });
  });

  it('reads again what a busy catalogue left out of a batch', async () => {
    catalogue.on(QueryCommand).resolves({ Items: [{ imageId: nthId(2) }, { imageId: nthId(1) }] });
    catalogue
      .on(BatchGetCommand)
      .resolvesOnce({
        Responses: { catalogue: [ready({ imageId: nthId(1) })] },
        UnprocessedKeys: { catalogue: { Keys: [{ imageId: nthId(2) }] } },
      })
      .resolves({ Responses: { catalogue: [ready({ imageId: nthId(2) })] } });
    const answer = await call('GET', '/images');
    expect(JSON.parse(answer.body)).toMatchObject({ images: [{ imageId: nthId(2) }, { imageId: nthId(1) }] });
  });

  it('answers a malformed record with 500 and the request id, and nothing of the record', async () => {
    catalogue.on(GetCommand).resolves({ Item: { ...ready(), status: 'PERHAPS' } });
    const answer = await call('GET', `/images/${IMAGE_ID}`);
    expect(answer.statusCode).toBe(500);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'INTERNAL', requestId: 'request-1' });
    expect(answer.body).not.toContain('PERHAPS');
  });

  it('asks the client to try again when the catalogue throttles', async () => {
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    catalogue.on(GetCommand).rejects(throttled);
    const answer = await call('GET', `/images/${IMAGE_ID}`);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ 'retry-after': '1' });
  });

  it('deletes by a tombstone and an event', async () => {
    catalogue.on(GetCommand).resolves({ Item: ready() });
    catalogue.on(UpdateCommand).resolves({ Attributes: ready() });
    catalogue.on(BatchWriteCommand).resolves({});
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });

    await expect(call('DELETE', `/images/${IMAGE_ID}`)).resolves.toMatchObject({ statusCode: 204 });

    expect(catalogue.commandCalls(UpdateCommand)).toHaveLength(1);
    const [forgotten] = catalogue.commandCalls(BatchWriteCommand);
    expect(forgotten?.args[0].input.RequestItems?.['terms']).toContainEqual({
      DeleteRequest: { Key: { term: 'acme#ada#camera#camera', imageId: IMAGE_ID } },
    });
    const [sent] = bus.commandCalls(PutEventsCommand);
    expect(sent?.args[0].input.Entries).toMatchObject([{ Source: 'darkroom.test', DetailType: 'image.deleted' }]);
  });

  it('lets the client repeat a deletion whose event was not taken', async () => {
    catalogue.on(GetCommand).resolves({ Item: ready() });
    catalogue.on(UpdateCommand).resolves({ Attributes: ready() });
    catalogue.on(BatchWriteCommand).resolves({});
    bus.on(PutEventsCommand).rejects(new Error('no bus'));
    await expect(call('DELETE', `/images/${IMAGE_ID}`)).resolves.toMatchObject({ statusCode: 503 });
  });
});
