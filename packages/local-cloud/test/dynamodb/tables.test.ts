import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoLab, type DynamoLab } from './support.ts';

describe('DynamoDB tables', () => {
  let lab: DynamoLab;
  let TableName: string;
  beforeAll(async () => {
    lab = await dynamoLab();
  });
  beforeEach(async () => {
    TableName = await lab.createTable();
  });
  afterAll(() => lab.end());

  const describeTable = async () => (await lab.client.send(new DescribeTableCommand({ TableName }))).Table!;

  it('describes a table', async () => {
    const table = await describeTable();

    expect(table).toMatchObject({
      TableName,
      TableStatus: 'ACTIVE',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
    expect(table.TableArn).toMatch(new RegExp(`^arn:aws:dynamodb:.+:table/${TableName}$`));
    expect(table.CreationDateTime).toBeInstanceOf(Date);
  });

  it('refuses a second table of the name: ResourceInUseException', async () => {
    const again = new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    });

    await expect(lab.client.send(again)).rejects.toBeInstanceOf(ResourceInUseException);
  });

  it('refuses a key that is not defined: ValidationException', async () => {
    const wrong = new CreateTableCommand({
      TableName: `t-${randomUUID()}`,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    });

    await expect(lab.client.send(wrong)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('lists tables in pages, in the order of their names', async () => {
    await lab.createTable();
    const names: string[] = [];
    let ExclusiveStartTableName: string | undefined;
    do {
      const page = await lab.client.send(new ListTablesCommand({ Limit: 1, ExclusiveStartTableName }));
      names.push(...page.TableNames!);
      ExclusiveStartTableName = page.LastEvaluatedTableName;
    } while (ExclusiveStartTableName);

    expect(names).toContain(TableName);
    expect(names).toEqual([...names].sort());
  });

  it('deletes a table with its items', async () => {
    await lab.documents.send(new PutCommand({ TableName, Item: { id: 'x' } }));

    await lab.client.send(new DeleteTableCommand({ TableName }));

    await expect(lab.client.send(new DeleteTableCommand({ TableName: `t-${randomUUID()}` }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  it('adds an index to a table that has items, and takes it away', async () => {
    await lab.documents.send(new PutCommand({ TableName, Item: { id: '1', kind: 'a', n: 1 } }));
    await lab.documents.send(new PutCommand({ TableName, Item: { id: '2' } }));
    const byKind = () =>
      lab.documents.send(
        new QueryCommand({
          TableName,
          IndexName: 'byKind',
          KeyConditionExpression: 'kind = :k',
          ExpressionAttributeValues: { ':k': 'a' },
        }),
      );

    await lab.client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'kind', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'byKind',
              KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          },
        ],
      }),
    );
    await indexStatus('ACTIVE');
    await lab.documents.send(new PutCommand({ TableName, Item: { id: '3', kind: 'a' } }));
    const { Items } = await byKind();
    await lab.client.send(
      new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byKind' } }] }),
    );
    await indexStatus(undefined);

    expect(Items!.map(({ id }) => id as string).sort()).toEqual(['1', '3']);
    await expect(byKind()).rejects.toMatchObject({ name: 'ValidationException' });
  });

  /** Waits until the table's one index has the status, as a server may take its time over it. */
  const indexStatus = async (wanted: string | undefined): Promise<void> => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if ((await describeTable()).GlobalSecondaryIndexes?.[0]?.IndexStatus === wanted) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`expected the index to become ${String(wanted)} but it did not`);
  };

  it('switches TTL on once, and says so', async () => {
    const specification = { AttributeName: 'expires', Enabled: true };
    const before = await lab.client.send(new DescribeTimeToLiveCommand({ TableName }));

    await lab.client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: specification }));
    const after = await lab.client.send(new DescribeTimeToLiveCommand({ TableName }));

    expect(before.TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: 'DISABLED' });
    expect(after.TimeToLiveDescription!.TimeToLiveStatus).toMatch(/^ENABL(ED|ING)$/);
    expect(after.TimeToLiveDescription!.AttributeName).toBe('expires');
    await expect(
      lab.client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: specification })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('keeps tags', async () => {
    const ResourceArn = (await describeTable()).TableArn!;

    await lab.client.send(
      new TagResourceCommand({
        ResourceArn,
        Tags: [
          { Key: 'team', Value: 'lab' },
          { Key: 'stage', Value: 'dev' },
        ],
      }),
    );
    await lab.client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['stage'] }));

    const { Tags } = await lab.client.send(new ListTagsOfResourceCommand({ ResourceArn }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'lab' }]);
  });

  it('remembers point-in-time recovery', async () => {
    await lab.client.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );

    const { ContinuousBackupsDescription: backups } = await lab.client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    expect(backups!.PointInTimeRecoveryDescription!.PointInTimeRecoveryStatus).toBe('ENABLED');
  });

  it('takes the properties that stacks declare, and protects a table from deletion', async () => {
    const name = await lab.createTable({
      DeletionProtectionEnabled: true,
      SSESpecification: { Enabled: true },
      Tags: [{ Key: 'a', Value: 'b' }],
      TableClass: 'STANDARD',
    });

    await expect(lab.client.send(new DeleteTableCommand({ TableName: name }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const { TableDescription } = await lab.client.send(
      new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: false }),
    );
    expect(TableDescription!.DeletionProtectionEnabled).toBe(false);
  });
});
