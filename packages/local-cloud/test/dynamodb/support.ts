import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  type AttributeValue,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { testCloud } from '../support/cloud.ts';

/** True when the suite runs against another server than the embedded stand-in. */
export const isForeign = process.env.DARKROOM_TEST_ENDPOINT !== undefined;

export type Item = Record<string, AttributeValue>;

/** A client of the server under test, and tables with unique names that are gone afterwards. */
export async function dynamoLab() {
  const cloud = await testCloud();
  const client = new DynamoDBClient({ ...cloud.clientConfig, maxAttempts: 1 });
  const tables: string[] = [];
  return {
    client,
    documents: DynamoDBDocumentClient.from(client),
    /** A table with the hash key `id`, plus whatever is given. */
    async createTable(input: Partial<CreateTableCommandInput> = {}): Promise<string> {
      const TableName = `t-${randomUUID()}`;
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          ...input,
        }),
      );
      tables.push(TableName);
      await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
      return TableName;
    },
    async end(): Promise<void> {
      for (const TableName of tables) await client.send(new DeleteTableCommand({ TableName })).catch(() => undefined);
      client.destroy();
      await cloud.stop();
    },
  };
}

export type DynamoLab = Awaited<ReturnType<typeof dynamoLab>>;
