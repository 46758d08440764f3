import {
  BatchGetCommand,
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb';
import { dynamoLab, type DynamoLab } from './support.ts';

const SHARDS = 4;
const ITEMS = 40;

describe('DynamoDB reads', () => {
  let lab: DynamoLab;
  let TableName: string;

  beforeAll(async () => {
    lab = await dynamoLab();
    TableName = await lab.createTable({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'n', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'n', AttributeType: 'N' },
        { AttributeName: 'owner', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byOwner',
          KeySchema: [
            { AttributeName: 'owner', KeyType: 'HASH' },
            { AttributeName: 'at', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] },
        },
      ],
    });
    const items = Array.from({ length: ITEMS }, (_, index) => ({
      pk: `s${index % SHARDS}`,
      n: index,
      title: `title ${index}`,
      secret: 'x',
      at: String(index).padStart(3, '0'),
      // Sparse: a quarter of the items is in no one's index.
      ...(index % 4 === 3 ? {} : { owner: index % 2 ? 'odd' : 'even' }),
    }));
    for (let from = 0; from < ITEMS; from += 25) {
      const writes = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
      await lab.documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: writes } }));
    }
  });
  afterAll(() => lab.end());

  const query = (input: Omit<QueryCommand['input'], 'TableName'>) =>
    lab.documents.send(new QueryCommand({ TableName, ...input }));

  it('queries a range of keys in order, both ways', async () => {
    const range = {
      KeyConditionExpression: 'pk = :s AND n BETWEEN :a AND :b',
      ExpressionAttributeValues: { ':s': 's0', ':a': 4, ':b': 100 },
    };

    const up = await query(range);
    const down = await query({ ...range, ScanIndexForward: false, Limit: 2 });

    expect(up.Items!.map(({ n }) => n as number)).toEqual([4, 8, 12, 16, 20, 24, 28, 32, 36]);
    expect(down.Items!.map(({ n }) => n as number)).toEqual([36, 32]);
  });

  it('orders numbers by value: negative, fraction, large', async () => {
    const numbers = [-10, -2.5, 0, 0.5, 3, 20, 1e10];
    for (const n of [3, 1e10, -2.5, 20, 0, 0.5, -10]) {
      await lab.documents.send(new PutCommand({ TableName, Item: { pk: 'numbers', n } }));
    }

    const { Items } = await query({
      KeyConditionExpression: 'pk = :s',
      ExpressionAttributeValues: { ':s': 'numbers' },
    });

    expect(Items!.map(({ n }) => n as number)).toEqual(numbers);
  });

  it('reads an index: sparse, projected, ordered, page by page to the end', async () => {
    const found: Record<string, unknown>[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    let pages = 0;
    do {
      const page = await query({
        IndexName: 'byOwner',
        KeyConditionExpression: '#o = :o AND begins_with(#at, :zero)',
        ExpressionAttributeNames: { '#o': 'owner', '#at': 'at' },
        ExpressionAttributeValues: { ':o': 'even', ':zero': '0' },
        Limit: 6,
        ExclusiveStartKey,
      });
      found.push(...page.Items!);
      ExclusiveStartKey = page.LastEvaluatedKey;
      pages += 1;
    } while (ExclusiveStartKey);

    expect(found.map(({ n }) => n)).toEqual(Array.from({ length: ITEMS / 2 }, (_, index) => index * 2));
    expect(Object.keys(found[0]!).sort()).toEqual(['at', 'n', 'owner', 'pk', 'title']);
    expect(pages).toBeGreaterThanOrEqual(4);
  });

  it('filters after reading, and counts both', async () => {
    const { Count, ScannedCount } = await query({
      KeyConditionExpression: 'pk = :s',
      FilterExpression: 'contains(title, :two) AND attribute_exists(secret)',
      ExpressionAttributeValues: { ':s': 's0', ':two': '2' },
      Select: 'COUNT',
    });

    expect([Count, ScannedCount]).toEqual([5, 10]);
  });

  it('projects only what was asked', async () => {
    const { Item } = await lab.documents.send(
      new GetCommand({
        TableName,
        Key: { pk: 's1', n: 1 },
        ProjectionExpression: 'title, #o',
        ExpressionAttributeNames: { '#o': 'owner' },
      }),
    );

    expect(Item).toEqual({ title: 'title 1', owner: 'odd' });
  });

  it('moves an item in the index when its key there changes, and takes it out when it goes', async () => {
    const Key = { pk: 'moving', n: 1 };
    const owners = async (owner: string) =>
      (
        await query({
          IndexName: 'byOwner',
          KeyConditionExpression: '#o = :o',
          ExpressionAttributeNames: { '#o': 'owner' },
          ExpressionAttributeValues: { ':o': owner },
        })
      ).Count;

    await lab.documents.send(new PutCommand({ TableName, Item: { ...Key, owner: 'first', at: '1' } }));
    await lab.documents.send(new PutCommand({ TableName, Item: { ...Key, owner: 'second', at: '1' } }));
    const moved = [await owners('first'), await owners('second')];
    await lab.documents.send(new PutCommand({ TableName, Item: { ...Key, at: '1' } }));

    expect(moved).toEqual([0, 1]);
    expect(await owners('second')).toBe(0);
  });

  it('scans in segments without gap or overlap', async () => {
    const segments = await Promise.all(
      [0, 1, 2].map((Segment) => lab.documents.send(new ScanCommand({ TableName, Segment, TotalSegments: 3 }))),
    );

    const keys = segments.flatMap(({ Items }) => Items!.map(({ pk, n }) => `${String(pk)} ${String(n)}`));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => /^s\d /.test(key))).toHaveLength(ITEMS);
  });

  it('pages at 1 MB', async () => {
    const big = await lab.createTable();
    for (let id = 0; id < 4; id += 1) {
      await lab.documents.send(new PutCommand({ TableName: big, Item: { id: String(id), text: 'x'.repeat(390_000) } }));
    }

    const first = await lab.documents.send(new ScanCommand({ TableName: big }));
    const rest = await lab.documents.send(
      new ScanCommand({ TableName: big, ExclusiveStartKey: first.LastEvaluatedKey }),
    );

    expect(first.LastEvaluatedKey).toBeDefined();
    expect(first.Count! + rest.Count!).toBe(4);
  });

  it('gets and writes in batches, up to 100 and 25', async () => {
    const Keys = Array.from({ length: 30 }, (_, n) => ({ pk: `s${n % SHARDS}`, n }));
    const tooMany = Array.from({ length: 26 }, (_, n) => ({ PutRequest: { Item: { pk: 'many', n } } }));
    const hundredAndOne = Array.from({ length: 101 }, (_, n) => ({ pk: 'many', n }));

    const { Responses } = await lab.documents.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys } } }));

    expect(Responses![TableName]).toHaveLength(30);
    await expect(
      lab.documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: tooMany } })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      lab.documents.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: hundredAndOne } } })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('deletes in batches and refuses the same key twice', async () => {
    const Key = { pk: 's3', n: 3 };
    const twice = [{ DeleteRequest: { Key } }, { DeleteRequest: { Key } }];

    await lab.documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: twice.slice(0, 1) } }));
    const { Item } = await lab.documents.send(new GetCommand({ TableName, Key }));

    expect(Item).toBeUndefined();
    await expect(
      lab.documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: twice } })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await lab.documents.send(new PutCommand({ TableName, Item: { ...Key, at: '003' } }));
  });

  it('refuses a query without the hash key, and an index that is not there', async () => {
    const values = { ExpressionAttributeValues: { ':n': 1 } };

    await expect(query({ KeyConditionExpression: 'n = :n', ...values })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(query({ IndexName: 'none', KeyConditionExpression: 'n = :n', ...values })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
