import { randomUUID } from 'node:crypto';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoLab, type DynamoLab } from './support.ts';

describe('DynamoDB transactions', () => {
  let lab: DynamoLab;
  let TableName: string;
  beforeAll(async () => {
    lab = await dynamoLab();
    TableName = await lab.createTable();
  });
  afterAll(() => lab.end());

  const get = async (id: string) => (await lab.documents.send(new GetCommand({ TableName, Key: { id } }))).Item;
  const put = (Item: Record<string, unknown>) => lab.documents.send(new PutCommand({ TableName, Item }));
  const write = (
    TransactItems: TransactWriteCommand['input']['TransactItems'],
    ClientRequestToken?: string,
  ): Promise<unknown> => lab.documents.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
  const addOne = (id: string) => ({
    Update: { TableName, Key: { id }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': 1 } },
  });

  it('writes all of it', async () => {
    await put({ id: 'a', n: 1 });
    await put({ id: 'b' });

    await write([addOne('a'), { Delete: { TableName, Key: { id: 'b' } } }, { Put: { TableName, Item: { id: 'c' } } }]);

    expect([await get('a'), await get('b'), await get('c')]).toEqual([{ id: 'a', n: 2 }, undefined, { id: 'c' }]);
  });

  it('writes none of it when a condition fails, and says which, with the item when asked', async () => {
    await put({ id: 'guard', state: 'closed' });

    const error: unknown = await write([
      { Put: { TableName, Item: { id: 'never' } } },
      {
        ConditionCheck: {
          TableName,
          Key: { id: 'guard' },
          ConditionExpression: '#s = :open',
          ExpressionAttributeNames: { '#s': 'state' },
          ExpressionAttributeValues: { ':open': 'open' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ]).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(TransactionCanceledException);
    const { CancellationReasons: reasons } = error as TransactionCanceledException;
    expect(reasons!.map(({ Code }) => Code)).toEqual(['None', 'ConditionalCheckFailed']);
    expect(reasons![1]!.Item).toEqual({ id: { S: 'guard' }, state: { S: 'closed' } });
    expect(await get('never')).toBeUndefined();
  });

  it('carries a request out once per ClientRequestToken', async () => {
    const token = randomUUID();

    await write([addOne('token')], token);
    await write([addOne('token')], token);

    expect(await get('token')).toEqual({ id: 'token', n: 1 });
    await expect(write([addOne('other')], token)).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
  });

  it('does not remember the token of a request that was cancelled', async () => {
    const token = randomUUID();
    const guarded = [{ Put: { TableName, Item: { id: 'retry', v: 1 }, ConditionExpression: 'attribute_exists(id)' } }];

    await expect(write(guarded, token)).rejects.toBeInstanceOf(TransactionCanceledException);
    await put({ id: 'retry' });
    await write(guarded, token);

    expect(await get('retry')).toEqual({ id: 'retry', v: 1 });
  });

  it('reads several items as of one moment', async () => {
    await put({ id: 'x', v: 1, secret: 1 });

    const { Responses } = await lab.documents.send(
      new TransactGetCommand({
        TransactItems: [
          { Get: { TableName, Key: { id: 'x' }, ProjectionExpression: 'v' } },
          { Get: { TableName, Key: { id: 'not there' } } },
        ],
      }),
    );

    expect(Responses!.map(({ Item }) => Item)).toEqual([{ v: 1 }, undefined]);
  });

  it('stays exact when transactions and single writes meet', async () => {
    await Promise.all(Array.from({ length: 20 }, () => write([addOne('both'), addOne('pair')])));

    expect([await get('both'), await get('pair')]).toEqual([
      { id: 'both', n: 20 },
      { id: 'pair', n: 20 },
    ]);
  });

  it.each([
    ['two actions on one item', () => [addOne('same'), addOne('same')]],
    ['no action', () => []],
    ['more than a hundred actions', () => Array.from({ length: 101 }, (_, index) => addOne(String(index)))],
    ['a key of the wrong shape', () => [{ Delete: { TableName, Key: { other: 'x' } } }]],
  ])('refuses %s', async (_, items) => {
    await expect(write(items())).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    expect(await get('same')).toBeUndefined();
  });
});
