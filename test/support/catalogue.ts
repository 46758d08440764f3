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
import { clientConfig } from './aws.ts';

interface Resources {
  Resources: Record<string, { Properties: CreateTableCommandInput }>;
}

/** A table exactly as its service deploys it (its indexes are a contract between services), under a name of the test's own. */
const tableInput = (service: string, logicalId: string, name: string): CreateTableCommandInput => {
  const text = readFileSync(new URL(`../../services/${service}/resources.yml`, import.meta.url), 'utf8');
  // CloudFormation's tags mean nothing here; the table's keys and indexes use none.
  const { Resources } = parse(text, { logLevel: 'silent' }) as Resources;
  const properties = Resources[logicalId]?.Properties;
  if (properties === undefined) throw new Error(`expected ${service} to declare ${logicalId}`);
  const { BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = properties;
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

export interface TestTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** Further tables, in the order they were asked for. */
  readonly others: readonly string[];
  readonly stop: () => Promise<void>;
}

export interface TestCatalogue extends TestTable {
  /** The search index. */
  readonly terms: string;
  readonly put: (item: ImageRecord | Record<string, unknown>) => Promise<void>;
  readonly get: (imageId: string) => Promise<unknown>;
  readonly remove: (imageId: string) => Promise<void>;
}

/** Fresh, empty tables of a service, by their logical ids: on `DARKROOM_TEST_ENDPOINT` when it is set, else in a DynamoDB inside this process. */
export const startTable = async (
  service: string,
  logicalId: string,
  ...more: readonly string[]
): Promise<TestTable> => {
  const given = process.env['DARKROOM_TEST_ENDPOINT'];
  const server = given === undefined ? await startDynalite() : { endpoint: given, stop: () => Promise.resolve() };
  const raw = new DynamoDBClient(clientConfig(server.endpoint));
  const nameOf = (id: string): string => `${id}-${String(process.pid)}-${String(Date.now())}`;
  const [table, ...others] = [nameOf(logicalId), ...more.map(nameOf)] as const;
  for (const [index, id] of [logicalId, ...more].entries())
    await raw.send(new CreateTableCommand(tableInput(service, id, [table, ...others][index] ?? '')));
  const client = DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } });
  return {
    client,
    table,
    others,
    stop: async () => {
      for (const name of [table, ...others]) await raw.send(new DeleteTableCommand({ TableName: name }));
      raw.destroy();
      await server.stop();
    },
  };
};

/** A fresh catalogue, as startTable makes one. */
export const startCatalogue = async (): Promise<TestCatalogue> => {
  const started = await startTable('metadata', 'CatalogueTable', 'TermsTable');
  const [terms = ''] = started.others;
  const { client, table } = started;
  return {
    ...started,
    terms,
    put: async (item) => {
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },
    get: async (imageId) => (await client.send(new GetCommand({ TableName: table, Key: { imageId } }))).Item,
    remove: async (imageId) => {
      await client.send(new DeleteCommand({ TableName: table, Key: { imageId } }));
    },
  };
};
