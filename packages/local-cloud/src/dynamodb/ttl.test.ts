import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDynamoDb, type DynamoDbService } from './index.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const SECONDS = NOW / 1000;

describe('expiry by TTL', () => {
  let dataDir: string;
  let now: number;
  let dynamodb: DynamoDbService;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'darkroom-ttl-'));
    now = NOW;
    dynamodb = createDynamoDb({
      accountId: '000000000000',
      region: 'us-east-1',
      dataDir,
      endpoint: () => 'http://127.0.0.1:4566',
      now: () => now,
      credentials: new Map(),
      log: () => undefined,
    });
    await dynamodb.call('CreateTable', {
      TableName: 'leases',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'owner', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byOwner',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    const specification = { AttributeName: 'expires', Enabled: true };
    await dynamodb.call('UpdateTimeToLive', { TableName: 'leases', TimeToLiveSpecification: specification });
  });
  afterEach(async () => {
    await dynamodb.close?.();
    rmSync(dataDir, { recursive: true });
  });

  const put = (id: string, fields: Record<string, unknown>) =>
    dynamodb.call('PutItem', { TableName: 'leases', Item: { id: { S: id }, owner: { S: 'me' }, ...fields } });
  const idsIn = async (read: 'Scan' | 'Query', input: Record<string, unknown> = {}) => {
    const { Items } = (await dynamodb.call(read, { TableName: 'leases', ...input })) as {
      Items: { id: { S: string } }[];
    };
    return Items.map(({ id }) => id.S).sort();
  };

  it('deletes items, and their index entries, whose time has come', async () => {
    await put('past', { expires: { N: String(SECONDS - 1) } });
    await put('now', { expires: { N: String(SECONDS) } });
    await put('future', { expires: { N: String(SECONDS + 60) } });
    await put('never', {});

    const count = dynamodb.sweepTimeToLive();

    expect(count).toBe(2);
    expect(await idsIn('Scan')).toEqual(['future', 'never']);
    const byOwner = { IndexName: 'byOwner', KeyConditionExpression: '#o = :me' };
    const names = { ExpressionAttributeNames: { '#o': 'owner' }, ExpressionAttributeValues: { ':me': { S: 'me' } } };
    expect(await idsIn('Query', { ...byOwner, ...names })).toEqual(['future', 'never']);
  });

  it('leaves alone what is no number, and what expired more than five years ago', async () => {
    await put('text', { expires: { S: String(SECONDS - 1) } });
    await put('ancient', { expires: { N: String(SECONDS - 6 * 365 * 86_400) } });

    expect(dynamodb.sweepTimeToLive()).toBe(0);
    expect(await idsIn('Scan')).toEqual(['ancient', 'text']);
  });

  it('deletes nothing after TTL was switched off', async () => {
    await put('past', { expires: { N: String(SECONDS - 1) } });

    const specification = { AttributeName: 'expires', Enabled: false };
    await dynamodb.call('UpdateTimeToLive', { TableName: 'leases', TimeToLiveSpecification: specification });

    expect(dynamodb.sweepTimeToLive()).toBe(0);
  });
});
