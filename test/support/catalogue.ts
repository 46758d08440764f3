import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ImageRecord } from '../../packages/types/src/image.ts';
import { parse } from 'yaml';

interface Resources {
  Resources: Record<'CatalogueTable' | 'TermsTable', { Properties: CreateTableCommandInput }>;
}

/** A table exactly as services/metadata deploys it (its indexes are a contract between services), under a name of the test's own. */
const tableInput = (logicalId: keyof Resources['Resources'], name: string): CreateTableCommandInput => {
  const text = readFileSync(new URL('../../services/metadata/resources.yml', import.meta.url), 'utf8');
  // CloudFormation's tags mean nothing here; the table's keys and indexes use none.
  const { Resources } = parse(text, { logLevel: 'silent' }) as Resources;
  const { BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = Resources[logicalId].Properties;
  return { TableName: name, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes };
};

const startDynalite = async (): Promise<{ endpoint: string; stop: () => Promise<void> }> => {
  // Without types of its own.
  const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        resolve();
      });
    });
  return { endpoint: `http://127.0.0.1:${String(port)}`, stop };
};

export interface TestCatalogue {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The search index. */
  readonly terms: string;
  readonly put: (item: ImageRecord | Record<string, unknown>) => Promise<void>;
  readonly get: (imageId: string) => Promise<unknown>;
  readonly remove: (imageId: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A fresh catalogue: on `DARKROOM_TEST_ENDPOINT` when it is set, else in a DynamoDB inside this process. */
export const startCatalogue = async (): Promise<TestCatalogue> => {
  const given = process.env['DARKROOM_TEST_ENDPOINT'];
  const server = given === undefined ? await startDynalite() : { endpoint: given, stop: () => Promise.resolve() };
  const raw = new DynamoDBClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const table = `catalogue-${String(process.pid)}-${String(Date.now())}`;
  const terms = `${table}-terms`;
  await raw.send(new CreateTableCommand(tableInput('CatalogueTable', table)));
  await raw.send(new CreateTableCommand(tableInput('TermsTable', terms)));
  const client = DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } });
  return {
    client,
    table,
    terms,
    put: async (item) => {
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },
    get: async (imageId) => (await client.send(new GetCommand({ TableName: table, Key: { imageId } }))).Item,
    remove: async (imageId) => {
      await client.send(new DeleteCommand({ TableName: table, Key: { imageId } }));
    },
    stop: async () => {
      await raw.send(new DeleteTableCommand({ TableName: table }));
      await raw.send(new DeleteTableCommand({ TableName: terms }));
      raw.destroy();
      await server.stop();
    },
  };
};
