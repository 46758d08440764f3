import db from 'dynalite/db/index.js';
import { AwsError, type JsonAction } from '../service.ts';
import { prepared, runRead, runSync, type Input } from './engine.ts';
import { itemSpace, type Store } from './store.ts';

type Write = 'PutItem' | 'UpdateItem' | 'DeleteItem';

const ON_FAILURE = ['ALL_OLD', 'NONE'];

/** Whether the item is to be shown when a condition fails. @throws AwsError ValidationException */
export function wantsOldItem(input: Input): boolean {
  const wish = input.ReturnValuesOnConditionCheckFailure;
  if (wish === undefined || wish === null) return false;
  if (ON_FAILURE.some((known) => known === wish)) return wish === 'ALL_OLD';
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${JSON.stringify(wish)}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: [${ON_FAILURE.join(', ')}]`,
  );
}

/** The item that a write is about, as it is now. */
export function currentItem(store: Store, input: Input): unknown {
  const table = store.findTable(String(input.TableName));
  if (!table) return undefined;
  return store.read(itemSpace(table.TableName), db.createKey(input.Key ?? input.Item, table));
}

/**
 * One conditional write in the transaction that is open.
 * @throws AwsError ConditionalCheckFailedException, with `Item` when it was asked for
 */
export function write(store: Store, operation: Write, input: Input): Input {
  const data = prepared(store, operation, input);
  const showOld = wantsOldItem(input);
  try {
    return runSync(store, operation, data);
  } catch (error) {
    const isCondition = error instanceof AwsError && error.code === 'ConditionalCheckFailedException';
    const Item = isCondition && showOld ? currentItem(store, input) : undefined;
    if (Item === undefined) throw error;
    throw new AwsError('ConditionalCheckFailedException', (error as AwsError).message, {
      fields: { Item },
      cause: error,
    });
  }
}

/** Actions on single items, batches and ranges of them. */
export function itemActions(store: Store): Record<string, JsonAction> {
  const writing =
    (operation: Write): JsonAction =>
    (input) =>
      store.atomically(() => write(store, operation, input));
  return {
    PutItem: writing('PutItem'),
    UpdateItem: writing('UpdateItem'),
    DeleteItem: writing('DeleteItem'),
    BatchWriteItem: (input) =>
      store.atomically(() => runSync(store, 'BatchWriteItem', prepared(store, 'BatchWriteItem', input))),
    GetItem: (input) => runSync(store, 'GetItem', prepared(store, 'GetItem', input)),
    BatchGetItem: (input) => runSync(store, 'BatchGetItem', prepared(store, 'BatchGetItem', input)),
    Query: (input) => runRead(store, 'Query', prepared(store, 'Query', input)),
    Scan: (input) => runRead(store, 'Scan', prepared(store, 'Scan', input)),
  };
}
