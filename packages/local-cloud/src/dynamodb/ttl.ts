import db from 'dynalite/db/index.js';
import { settingsOf } from './settings.ts';
import { indexSpace, itemSpace, type Store, type TableDescription } from './store.ts';

/** DynamoDB leaves items alone that expired more than five years ago. */
const MAX_AGE_SECONDS = 5 * 365 * 86_400;

function eraseItem(store: Store, table: TableDescription, key: string): void {
  const space = itemSpace(table.TableName);
  const item = store.read(space, key);
  for (const [type, indexes] of [
    ['global', table.GlobalSecondaryIndexes ?? []],
    ['local', table.LocalSecondaryIndexes ?? []],
  ] as const) {
    for (const { index, key: entry } of db.getIndexActions(indexes, item, undefined, table).deletes) {
      store.erase(indexSpace(type, table.TableName, index), entry);
    }
  }
  store.erase(space, key);
}

/**
 * Deletes items whose TTL attribute, a number of seconds since the epoch, has passed.
 * @param now milliseconds since the epoch
 * @returns how many items went
 */
export function sweepExpired(store: Store, now: number): number {
  let count = 0;
  const seconds = Math.floor(now / 1000);
  for (const name of store.keys('table')) {
    const { ttlAttribute } = settingsOf(store, name);
    const table = ttlAttribute === undefined ? undefined : store.findTable(name);
    if (!table || ttlAttribute === undefined) continue;
    const keys = store.keysBetween(itemSpace(name), ttlAttribute, [seconds - MAX_AGE_SECONDS, seconds]);
    if (keys.length === 0) continue;
    store.atomically(() => {
      for (const key of keys) eraseItem(store, table, key);
    });
    count += keys.length;
  }
  return count;
}
