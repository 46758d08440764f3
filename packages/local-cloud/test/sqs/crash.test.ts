import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { isForeign } from './support.ts';

// Only a process of our own can be killed in the middle of its work.
const here = isForeign ? describe.skip : describe;

here('kill -9 of queues, tables and events', () => {
  let dataDir: string;
  let child: ChildProcess;

  const start = async (): Promise<{ sqs: SQSClient; dynamodb: DynamoDBClient; events: EventBridgeClient }> => {
    const script = join(import.meta.dirname, 'crash-server.ts');
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, dataDir], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [endpoint] = (await once(createInterface(child.stdout!), 'line')) as [string];
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const config = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
    return { sqs: new SQSClient(config), dynamodb: new DynamoDBClient(config), events: new EventBridgeClient(config) };
  };
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'darkroom-crash-'));
  });
  afterEach(async () => {
    await kill();
    rmSync(dataDir, { recursive: true });
  });

  /** Works through the calls until the server dies under it; resolves with the numbers that were acknowledged. */
  const until = async (call: (index: number) => Promise<unknown>): Promise<number[]> => {
    const acknowledged: number[] = [];
    const killer = setTimeout(() => child.kill('SIGKILL'), 500);
    try {
      for (let index = 0; ; index += 1) {
        await call(index);
        acknowledged.push(index);
      }
    } catch {
      // The connection broke: the server is dead, which is what we wait for.
    }
    clearTimeout(killer);
    return acknowledged;
  };

  const receiveAll = async (sqs: SQSClient, QueueUrl: string): Promise<string[]> => {
    const bodies: string[] = [];
    for (;;) {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (!Messages) return bodies;
      bodies.push(...Messages.map(({ Body }) => Body!));
    }
  };

  it('keeps every message that was acknowledged', async () => {
    const first = await start();
    await first.sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const QueueUrl = 'http://any/000000000000/q';

    const sent = await until((index) =>
      first.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: String(index) })),
    );
    const second = await start();
    const found = new Set(await receiveAll(second.sqs, QueueUrl));

    expect(sent.length).toBeGreaterThan(10);
    expect(sent.filter((index) => !found.has(String(index)))).toEqual([]);
  });

  it('keeps every item that was acknowledged, and its index with it', async () => {
    const first = await start();
    await first.dynamodb.send(
      new CreateTableCommand({
        TableName: 'crash',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'group', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byGroup',
            KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    );

    const put = await until((index) =>
      first.dynamodb.send(
        new PutItemCommand({ TableName: 'crash', Item: { id: { S: String(index) }, group: { S: 'all' } } }),
      ),
    );
    const second = await start();
    const { Items: items } = await second.dynamodb.send(new ScanCommand({ TableName: 'crash' }));
    const { Items: indexed } = await second.dynamodb.send(
      new QueryCommand({
        TableName: 'crash',
        IndexName: 'byGroup',
        KeyConditionExpression: '#g = :all',
        ExpressionAttributeNames: { '#g': 'group' },
        ExpressionAttributeValues: { ':all': { S: 'all' } },
      }),
    );

    const found = new Set(items!.map(({ id }) => id!.S!));
    expect(put.length).toBeGreaterThan(10);
    expect(put.filter((index) => !found.has(String(index)))).toEqual([]);
    expect(new Set(indexed!.map(({ id }) => id!.S!))).toEqual(found);
  });

  it('delivers every event that was acknowledged, at least once', async () => {
    const first = await start();
    await first.sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    await first.events.send(new PutRuleCommand({ Name: 'r', EventPattern: JSON.stringify({ source: ['crash'] }) }));
    await first.events.send(
      new PutTargetsCommand({
        Rule: 'r',
        Targets: [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', InputPath: '$.detail.index' }],
      }),
    );

    const put = await until((index) =>
      first.events.send(
        new PutEventsCommand({ Entries: [{ Source: 'crash', DetailType: 'test', Detail: JSON.stringify({ index }) }] }),
      ),
    );
    const second = await start();
    const found = new Set(await receiveAll(second.sqs, 'http://any/000000000000/q'));

    expect(put.length).toBeGreaterThan(10);
    expect(put.filter((index) => !found.has(String(index)))).toEqual([]);
  });
});
