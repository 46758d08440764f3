import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoLab, type DynamoLab } from './support.ts';

describe('DynamoDB writes', () => {
  let lab: DynamoLab;
  let TableName: string;
  beforeAll(async () => {
    lab = await dynamoLab();
    TableName = await lab.createTable();
  });
  afterAll(() => lab.end());

  const put = (Item: Record<string, unknown>) => lab.documents.send(new PutCommand({ TableName, Item }));
  const get = async (id: string) => (await lab.documents.send(new GetCommand({ TableName, Key: { id } }))).Item;

  it('stores all types and gives them back', async () => {
    const item = {
      id: 'types',
      text: 'Grüße',
      empty: '',
      number: 3.25,
      yes: true,
      nothing: null,
      bytes: Uint8Array.of(0, 255),
      list: [1, 'a', { deep: [true] }],
      map: { a: { b: 1 } },
      words: new Set(['x', 'y']),
    };

    await put(item);

    expect(await get('types')).toEqual(item);
  });

  it('puts only if the condition holds', async () => {
    await put({ id: 'once', v: 1 });

    const again = lab.documents.send(
      new PutCommand({ TableName, Item: { id: 'once', v: 2 }, ConditionExpression: 'attribute_not_exists(id)' }),
    );

    await expect(again).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect(await get('once')).toEqual({ id: 'once', v: 1 });
  });

  it.each([
    ['put', () => new PutCommand({ TableName, Item: { id: 'shown' }, ...failing })],
    [
      'update',
      () => new UpdateCommand({ TableName, Key: { id: 'shown' }, UpdateExpression: 'SET v = :no', ...failing }),
    ],
    ['delete', () => new DeleteCommand({ TableName, Key: { id: 'shown' }, ...failing })],
  ] as const)(
    'shows the item that failed the condition of a %s, when asked: ReturnValuesOnConditionCheckFailure',
    async (_, command) => {
      await put({ id: 'shown', v: 1, list: ['a'] });

      const error: unknown = await lab.documents.send(command() as PutCommand).catch((reason: unknown) => reason);

      expect(error).toBeInstanceOf(ConditionalCheckFailedException);
      expect((error as ConditionalCheckFailedException).Item).toEqual({
        id: { S: 'shown' },
        v: { N: '1' },
        list: { L: [{ S: 'a' }] },
      });
    },
  );
  const failing = {
    ConditionExpression: 'v = :no',
    ExpressionAttributeValues: { ':no': 7 },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;

  it('shows no item unless asked, nor one that is not there', async () => {
    const condition = { ConditionExpression: 'v = :no', ExpressionAttributeValues: { ':no': 7 } };
    await put({ id: 'quiet', v: 1 });
    const quiet = new PutCommand({ TableName, Item: { id: 'quiet' }, ...condition });
    const absent = new PutCommand({ TableName, Item: { id: 'absent' }, ...failing });

    const errors = await Promise.all(
      [quiet, absent].map((command) => lab.documents.send(command).catch((error: unknown) => error)),
    );

    expect(errors.map((error) => (error as ConditionalCheckFailedException).name)).toEqual([
      'ConditionalCheckFailedException',
      'ConditionalCheckFailedException',
    ]);
    expect(errors.map((error) => (error as ConditionalCheckFailedException).Item)).toEqual([undefined, undefined]);
  });

  it('updates by expression: SET, ADD, REMOVE, DELETE, list_append, if_not_exists, paths', async () => {
    await put({ id: 'update', n: 1, list: [1], map: { a: 1, b: 2 }, set: new Set(['x', 'y']), gone: 1 });

    const { Attributes } = await lab.documents.send(
      new UpdateCommand({
        TableName,
        Key: { id: 'update' },
        UpdateExpression:
          'SET n = n + :one, #l = list_append(#l, :more), #m.#a = :nine, fresh = if_not_exists(fresh, :nine) REMOVE gone, #m.b ADD hits :one DELETE #s :x',
        ExpressionAttributeNames: { '#l': 'list', '#m': 'map', '#a': 'a', '#s': 'set' },
        ExpressionAttributeValues: { ':one': 1, ':more': [2], ':nine': 9, ':x': new Set(['x']) },
        ReturnValues: 'ALL_NEW',
      }),
    );

    expect(Attributes).toEqual({
      id: 'update',
      n: 2,
      list: [1, 2],
      map: { a: 9 },
      set: new Set(['y']),
      fresh: 9,
      hits: 1,
    });
  });

  it('creates the item that an update names and that is not there', async () => {
    await lab.documents.send(
      new UpdateCommand({
        TableName,
        Key: { id: 'upsert' },
        UpdateExpression: 'SET v = :v',
        ExpressionAttributeValues: { ':v': 1 },
      }),
    );

    expect(await get('upsert')).toEqual({ id: 'upsert', v: 1 });
  });

  it('returns what was asked: ALL_OLD, UPDATED_OLD, UPDATED_NEW', async () => {
    await put({ id: 'returns', v: 1, other: 1 });
    const update = (ReturnValues: 'UPDATED_OLD' | 'UPDATED_NEW') =>
      new UpdateCommand({
        TableName,
        Key: { id: 'returns' },
        UpdateExpression: 'SET v = v + :one',
        ExpressionAttributeValues: { ':one': 1 },
        ReturnValues,
      });

    const old = await lab.documents.send(update('UPDATED_OLD'));
    const fresh = await lab.documents.send(update('UPDATED_NEW'));
    const deleted = await lab.documents.send(
      new DeleteCommand({ TableName, Key: { id: 'returns' }, ReturnValues: 'ALL_OLD' }),
    );

    expect([old.Attributes, fresh.Attributes, deleted.Attributes]).toEqual([
      { v: 1 },
      { v: 3 },
      { id: 'returns', v: 3, other: 1 },
    ]);
    expect(await get('returns')).toBeUndefined();
  });

  it('counts exactly under concurrent updates', async () => {
    const add = new UpdateCommand({
      TableName,
      Key: { id: 'counter' },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': 1 },
    });

    await Promise.all(Array.from({ length: 50 }, () => lab.documents.send(add)));

    expect(await get('counter')).toEqual({ id: 'counter', n: 50 });
  });

  it('lets one of many claims win, and shows the losers who did', async () => {
    const claim = (owner: number) =>
      lab.documents
        .send(
          new PutCommand({
            TableName,
            Item: { id: 'lock', owner },
            ConditionExpression: 'attribute_not_exists(id)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        .then(
          () => owner,
          (error: unknown) => Number((error as ConditionalCheckFailedException).Item!.owner!.N),
        );

    const answers = await Promise.all(Array.from({ length: 20 }, (_, owner) => claim(owner)));

    expect(new Set(answers).size).toBe(1);
    expect(await get('lock')).toEqual({ id: 'lock', owner: answers[0] });
  });

  it.each([
    ['a missing key', { v: 1 }],
    ['a key of the wrong type', { id: 5 }],
    ['an empty key', { id: '' }],
    ['an item over 400 KB', { id: 'big', text: 'x'.repeat(410_000) }],
  ])('refuses %s: ValidationException', async (_, Item) => {
    await expect(put(Item)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each([
    ['a reserved word', { UpdateExpression: 'SET status = :v', ExpressionAttributeValues: { ':v': 1 } }],
    ['a value that is not used', { UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': 1, ':w': 1 } }],
    ['a value that is not given', { UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':w': 1 } }],
    ['a change of the key', { UpdateExpression: 'SET id = :v', ExpressionAttributeValues: { ':v': 'x' } }],
    ['text in a sum', { UpdateExpression: 'SET v = :v + :v', ExpressionAttributeValues: { ':v': 'x' } }],
    ['nonsense', { UpdateExpression: 'PUT v' }],
  ])('refuses %s in an update: ValidationException', async (_, expression) => {
    const answer = lab.documents.send(new UpdateCommand({ TableName, Key: { id: 'x' }, ...expression }));

    await expect(answer).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('says ResourceNotFoundException of a table that is not there', async () => {
    const answer = lab.documents.send(new GetCommand({ TableName: 'not-there', Key: { id: 'x' } }));

    await expect(answer).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
