import { randomUUID } from 'node:crypto';
import db from 'dynalite/db/index.js';
import { AwsError, type CloudContext, type JsonAction } from '../service.ts';
import { preparedTable, type Input } from './engine.ts';
import { applySettings, extraFields, forgetSettings, isProtected } from './settings.ts';
import { indexSpace, itemSpace, type IndexDescription, type Store, type TableDescription } from './store.ts';

const NO_THROUGHPUT = { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 };
/** Names of tables on one page of ListTables, by DynamoDB's documentation. */
const MAX_NAMES = 100;

export const validationError = (message: string): AwsError => new AwsError('ValidationException', message);

/** @throws AwsError ResourceNotFoundException */
export function tableOf(store: Store, name: unknown): TableDescription {
  const table = typeof name === 'string' ? store.findTable(name) : undefined;
  if (table) return table;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${String(name)} not found`);
}

function indexDescription(index: Input, tableArn: string): IndexDescription {
  const throughput = index.ProvisionedThroughput as Input | undefined;
  return {
    ...(index as unknown as IndexDescription),
    IndexArn: `${tableArn}/index/${String(index.IndexName)}`,
    IndexStatus: 'ACTIVE',
    IndexSizeBytes: 0,
    ItemCount: 0,
    ProvisionedThroughput: { ...NO_THROUGHPUT, ...throughput },
  };
}

function describeNew(context: CloudContext, data: Input): TableDescription {
  const name = String(data.TableName);
  const arn = `arn:aws:dynamodb:${context.region}:${context.accountId}:table/${name}`;
  const indexes = (field: string): Record<string, IndexDescription[]> => {
    const given = data[field] as Input[] | undefined;
    return given ? { [field]: given.map((index) => indexDescription(index, arn)) } : {};
  };
  const isOnDemand = data.BillingMode === 'PAY_PER_REQUEST';
  const created = context.now() / 1000;
  return {
    TableName: name,
    TableArn: arn,
    TableId: randomUUID(),
    TableStatus: 'ACTIVE',
    CreationDateTime: created,
    KeySchema: data.KeySchema as TableDescription['KeySchema'],
    AttributeDefinitions: data.AttributeDefinitions as TableDescription['AttributeDefinitions'],
    ProvisionedThroughput: { ...NO_THROUGHPUT, ...(data.ProvisionedThroughput as Input | undefined) },
    ...(isOnDemand
      ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: created } }
      : {}),
    ...indexes('LocalSecondaryIndexes'),
    ...indexes('GlobalSecondaryIndexes'),
  };
}

function createTable(store: Store, context: CloudContext, input: Input): Input {
  const data = preparedTable(store, structuredClone(input));
  const table = describeNew(context, data);
  return store.atomically(() => {
    if (store.findTable(table.TableName)) {
      throw new AwsError('ResourceInUseException', `Table already exists: ${table.TableName}`);
    }
    store.write('table', table.TableName, table);
    applySettings(store, table.TableName, input);
    return { TableDescription: { ...described(store, table), TableStatus: 'CREATING' } };
  });
}

function deleteTable(store: Store, name: unknown): Input {
  const table = tableOf(store, name);
  if (isProtected(store, table.TableName)) {
    throw validationError(
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    );
  }
  return store.atomically(() => {
    const TableDescription = { ...described(store, table), TableStatus: 'DELETING' };
    store.eraseSpace(itemSpace(table.TableName));
    for (const { IndexName } of table.GlobalSecondaryIndexes ?? []) eraseIndex(store, table, ['global', IndexName]);
    for (const { IndexName } of table.LocalSecondaryIndexes ?? []) eraseIndex(store, table, ['local', IndexName]);
    forgetSettings(store, table.TableName);
    store.erase('table', table.TableName);
    return { TableDescription };
  });
}

function eraseIndex(store: Store, table: TableDescription, [type, index]: [type: string, index: string]): void {
  store.eraseSpace(indexSpace(type, table.TableName, index));
}

/** The table with its figures as they are now; AWS brings them up to date every six hours. */
function described(store: Store, table: TableDescription): TableDescription {
  const { items, bytes } = store.count(itemSpace(table.TableName));
  const indexes = table.GlobalSecondaryIndexes?.map((index) => {
    const size = store.count(indexSpace('global', table.TableName, index.IndexName));
    return { ...index, ItemCount: size.items, IndexSizeBytes: size.bytes };
  });
  return {
    ...table,
    ...(indexes && indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
    ItemCount: items,
    TableSizeBytes: bytes,
    ...extraFields(store, table.TableName),
  };
}

function listTables(store: Store, input: Input): Input {
  const limit = typeof input.Limit === 'number' ? input.Limit : MAX_NAMES;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_NAMES) {
    throw validationError(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and ${MAX_NAMES}`,
    );
  }
  const after = typeof input.ExclusiveStartTableName === 'string' ? input.ExclusiveStartTableName : '';
  const rest = store.keys('table').filter((name) => name > after);
  const TableNames = rest.slice(0, limit);
  return { TableNames, ...(rest.length > limit ? { LastEvaluatedTableName: TableNames.at(-1) } : {}) };
}

/** Puts every item of the table that has the index's keys into the index. */
function fillIndex(store: Store, table: TableDescription, index: IndexDescription): void {
  const space = indexSpace('global', table.TableName, index.IndexName);
  for (const item of store.values(itemSpace(table.TableName))) {
    for (const { key, item: projected } of db.getIndexActions([index], undefined, item, table).puts) {
      store.write(space, key, projected);
    }
  }
}

function withNewIndex(store: Store, table: TableDescription, create: Input): TableDescription {
  const indexes = table.GlobalSecondaryIndexes ?? [];
  const index = indexDescription(create, table.TableArn);
  if (indexes.some(({ IndexName }) => IndexName === index.IndexName)) {
    throw validationError(`One or more parameter values were invalid: Duplicate index name: ${index.IndexName}`);
  }
  const defined = new Set(table.AttributeDefinitions.map(({ AttributeName }) => AttributeName));
  const missing = index.KeySchema.find(({ AttributeName }) => !defined.has(AttributeName));
  if (missing) {
    throw validationError(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions: ${missing.AttributeName}`,
    );
  }
  fillIndex(store, table, index);
  return { ...table, GlobalSecondaryIndexes: [...indexes, index] };
}

function withoutIndex(store: Store, table: TableDescription, name: unknown): TableDescription {
  const { GlobalSecondaryIndexes: indexes = [], ...rest } = table;
  if (!indexes.some(({ IndexName }) => IndexName === name)) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${String(name)} not found`);
  }
  eraseIndex(store, table, ['global', String(name)]);
  const left = indexes.filter(({ IndexName }) => IndexName !== name);
  return left.length > 0 ? { ...rest, GlobalSecondaryIndexes: left } : rest;
}

function withThroughput(table: TableDescription, { IndexName, ProvisionedThroughput }: Input): TableDescription {
  const indexes = table.GlobalSecondaryIndexes ?? [];
  return {
    ...table,
    GlobalSecondaryIndexes: indexes.map((index) =>
      index.IndexName === IndexName
        ? { ...index, ProvisionedThroughput: { ...NO_THROUGHPUT, ...(ProvisionedThroughput as Input) } }
        : index,
    ),
  };
}

function withIndexUpdates(store: Store, table: TableDescription, updates: readonly Input[]): TableDescription {
  return updates.reduce<TableDescription>((current, { Create, Delete, Update }) => {
    if (Create) return withNewIndex(store, current, Create as Input);
    if (Delete) return withoutIndex(store, current, (Delete as Input).IndexName);
    if (Update) return withThroughput(current, Update as Input);
    throw validationError(
      'One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
    );
  }, table);
}

function withDefinitions(table: TableDescription, given: unknown): TableDescription {
  if (!Array.isArray(given)) return table;
  const all = [...table.AttributeDefinitions, ...(given as TableDescription['AttributeDefinitions'])];
  const byName = new Map(all.map((definition) => [definition.AttributeName, definition]));
  return { ...table, AttributeDefinitions: [...byName.values()] };
}

/** Indexes (which need no throughput here), billing mode, throughput and the settings that CreateTable takes. */
function updateTable(store: Store, context: CloudContext, input: Input): Input {
  const before = tableOf(store, input.TableName);
  return store.atomically(() => {
    const updates = (input.GlobalSecondaryIndexUpdates ?? []) as Input[];
    const table: TableDescription = {
      ...withIndexUpdates(store, withDefinitions(before, input.AttributeDefinitions), updates),
      ...billing(context, input),
    };
    store.write('table', table.TableName, table);
    applySettings(store, table.TableName, input);
    return { TableDescription: described(store, table) };
  });
}

function billing(context: CloudContext, { BillingMode, ProvisionedThroughput }: Input): Input {
  const mode =
    BillingMode === 'PAY_PER_REQUEST'
      ? { BillingModeSummary: { BillingMode, LastUpdateToPayPerRequestDateTime: context.now() / 1000 } }
      : {};
  const provisioned = BillingMode === 'PROVISIONED' ? { BillingModeSummary: { BillingMode } } : {};
  const throughput = ProvisionedThroughput
    ? { ProvisionedThroughput: { ...NO_THROUGHPUT, ...(ProvisionedThroughput as Input) } }
    : {};
  return { ...mode, ...provisioned, ...throughput };
}

/** The life of tables. They are there, and gone, at once: DescribeTable never says CREATING or DELETING. */
export function tableActions(store: Store, context: CloudContext): Record<string, JsonAction> {
  return {
    CreateTable: (input) => createTable(store, context, input),
    DescribeTable: (input) => ({ Table: described(store, tableOf(store, input.TableName)) }),
    DeleteTable: (input) => deleteTable(store, input.TableName),
    ListTables: (input) => listTables(store, input),
    UpdateTable: (input) => updateTable(store, context, input),
  };
}
