import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, DescribeTimeToLiveCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startLocalCloud, type LocalCloud } from '../../src/index.ts';

const GAMMA = fileURLToPath(new URL('./fixtures/gamma', import.meta.url));
const ANY_PORTS = { port: 0, apiPort: 0, cdnPort: 0 };

let dataDir: string;
let cloud: LocalCloud;

const start = (): Promise<LocalCloud> =>
  startLocalCloud({
    dataDir,
    ...ANY_PORTS,
    services: [GAMMA],
    seedParameters: { '/local/seed': { value: 's3cret', type: 'SecureString' } },
  });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'darkroom-start-'));
  cloud = await start();
});

afterAll(async () => {
  await cloud.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const config = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** What a function has put into the table, once it is there. */
async function item(id: string): Promise<string | undefined> {
  const dynamodb = new DynamoDBClient(config());
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'gamma-local-pets', Key: { id: { S: id } } }));
    if (Item) return Item.what?.S;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

describe('a started service', () => {
  it('answers at its routes and its function URL', async () => {
    const routed = await fetch(`${cloud.apiUrl}/pets/7`);
    const byUrl = await fetch(`${cloud.apiUrl}/_url/gamma-local-api/any/path`);

    expect(await routed.json()).toEqual({ id: '7', path: '/pets/7' });
    expect(await byUrl.json()).toEqual({ id: null, path: '/any/path' });
  });

  it('has what its resources declare', async () => {
    const parameter = await new SSMClient(config()).send(new GetParameterCommand({ Name: '/local/gamma/table' }));
    const ttl = await new DynamoDBClient(config()).send(
      new DescribeTimeToLiveCommand({ TableName: 'gamma-local-pets' }),
    );
    const seed = await new SSMClient(config()).send(
      new GetParameterCommand({ Name: '/local/seed', WithDecryption: true }),
    );

    expect(parameter.Parameter).toMatchObject({ Value: 'gamma-local-pets', Version: 1 });
    expect(ttl.TimeToLiveDescription?.TimeToLiveStatus).toBe('ENABLED');
    expect(seed.Parameter).toMatchObject({ Value: 's3cret', Type: 'SecureString' });
  });

  it('carries an object from the bucket over the queue to its function', async () => {
    const s3 = new S3Client({ ...config(), forcePathStyle: true });

    await s3.send(new PutObjectCommand({ Bucket: 'gamma-local-pets', Key: 'in/cat.jpg', Body: 'meow' }));

    expect(await item('in/cat.jpg')).toBe('object');
  });

  it('carries an event from the bus to its function', async () => {
    const events = new EventBridgeClient(config());

    await events.send(
      new PutEventsCommand({
        Entries: [{ Source: 'gamma.pets', DetailType: 'born', Detail: JSON.stringify({ id: 'e-1' }) }],
      }),
    );

    expect(await item('e-1')).toBe('event');
  });

  it('runs its workflow', async () => {
    const sfn = new SFNClient({ ...config(), disableHostPrefix: true });
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:gamma-local-flow';

    const { status, output } = await sfn.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"n":21}' }));

    expect([status, output]).toEqual(['SUCCEEDED', '{"doubled":42}']);
  });

  it('keeps a message that its function refused', async () => {
    const sqs = new SQSClient(config());
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'gamma-local-jobs' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"poison":true}' }));

    let notVisible: string | undefined;
    for (let attempt = 0; notVisible !== '1' && attempt < 500; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      notVisible = Attributes?.ApproximateNumberOfMessagesNotVisible;
    }

    expect(notVisible).toBe('1');
  });

  it('says that it is well', async () => {
    const health = await fetch(`${cloud.endpoint}/_darkroom/health`);
    const functions = (await (await fetch(`${cloud.endpoint}/_darkroom/functions`)).json()) as {
      functions: { name: string }[];
    };

    expect(await health.json()).toMatchObject({ status: 'ok', services: { lambda: { functions: 4 } } });
    expect(functions.functions.map(({ name }) => name)).toContain('gamma-local-task');
  });
});

describe('a restart', () => {
  it('keeps everything and creates nothing twice', async () => {
    const s3 = new S3Client({ ...config(), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: 'gamma-local-pets', Key: 'kept.txt', Body: 'kept' }));
    await cloud.stop();

    cloud = await start();

    const again = new S3Client({ ...config(), forcePathStyle: true });
    const object = await again.send(new GetObjectCommand({ Bucket: 'gamma-local-pets', Key: 'kept.txt' }));
    const parameter = await new SSMClient(config()).send(new GetParameterCommand({ Name: '/local/gamma/table' }));
    const answer = await new LambdaClient(config()).send(
      new InvokeCommand({ FunctionName: 'gamma-local-task', Payload: '{"n":4}' }),
    );
    expect(await object.Body?.transformToString()).toBe('kept');
    expect(await item('in/cat.jpg')).toBe('object');
    expect(parameter.Parameter?.Version).toBe(1);
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('{"doubled":8}');
  });
});

describe('a start that cannot be', () => {
  it('refuses a data folder in use', async () => {
    await expect(startLocalCloud({ dataDir, ...ANY_PORTS })).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
  });

  it.each(['port', 'apiPort', 'cdnPort'])('refuses a taken %s, and leaves nothing behind', async (name) => {
    const other = mkdtempSync(join(tmpdir(), 'darkroom-start-'));
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const taken = (blocker.address() as AddressInfo).port;

    const attempt = startLocalCloud({ dataDir: other, ...ANY_PORTS, [name]: taken, strictPorts: true });
    await expect(attempt).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(taken)),
    });

    blocker.close();
    await (await startLocalCloud({ dataDir: other, ...ANY_PORTS })).stop();
    rmSync(other, { recursive: true, force: true });
  });

  it('says which service it cannot read', async () => {
    const other = mkdtempSync(join(tmpdir(), 'darkroom-start-'));

    await expect(startLocalCloud({ dataDir: other, ...ANY_PORTS, services: ['/nonexistent'] })).rejects.toMatchObject({
      code: 'STACK_FILE_INVALID',
    });

    rmSync(other, { recursive: true, force: true });
  });
});
