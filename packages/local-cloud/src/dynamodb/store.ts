import type { DatabaseSync } from 'node:sqlite';
import { Stream } from 'node:stream';
import { openDatabase, transaction } from '../database.ts';

type Callback<T = unknown> = (error: Error | null, value?: T) => void;

/** Bounds of a range, in the terms of LevelDB, which dynalite speaks. */
export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

export interface IndexDescription {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly [field: string]: unknown;
}

/** A table as DescribeTable shows it. */
export interface TableDescription {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableStatus: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly { AttributeName: string; AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
  readonly [field: string]: unknown;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (
    space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (space, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS transact_token (
    token TEXT PRIMARY KEY, request TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** 400 KB, DynamoDB's limit of one item, where dynalite looks for it. */
const OPTIONS = { maxItemSize: 409_600, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
/** Greater than any key of a space: keys are hex digits, slashes and tildes. */
const AFTER_ALL_KEYS = '\u{10FFFF}';

export const itemSpace = (table: string): string => `item-${table}`;
export const indexSpace = (type: string, table: string, index: string): string =>
  `index-${type.toLowerCase()}~${table}~${index}`;

/**
 * What dynalite keeps in LevelDB, kept in SQLite: every call answers synchronously, so that a whole action of dynalite
 * runs inside one transaction. An item and its index entries are therefore written together or not at all.
 */
export class Store {
  readonly options = OPTIONS;
  readonly database: DatabaseSync;
  readonly tableDb = { lock: lockNothing };
  readonly #statements: ReturnType<typeof prepare>;
  readonly #tables = new Map<string, string>();

  constructor(dataDir: string) {
    this.database = openDatabase(dataDir, 'dynamodb', SCHEMA);
    this.#statements = prepare(this.database);
  }

  /** Runs the work in one transaction; an exception undoes all of it. */
  atomically<T>(work: () => T): T {
    try {
      return transaction(this.database, work);
    } catch (error) {
      // What was cached may have been undone.
      this.#tables.clear();
      throw error;
    }
  }

  read(space: string, key: string): unknown {
    const row = this.#statements.get.get(space, key);
    return row === undefined ? undefined : JSON.parse(String(row.value));
  }

  write(space: string, key: string, value: unknown): void {
    if (space === 'table') this.#tables.delete(key);
    this.#statements.put.run(space, key, JSON.stringify(value));
  }

  erase(space: string, key: string): void {
    if (space === 'table') this.#tables.delete(key);
    this.#statements.del.run(space, key);
  }

  eraseSpace(space: string): void {
    this.#statements.clear.run(space);
  }

  keys(space: string): string[] {
    return this.#statements.keys.all(space).map(({ key }) => String(key));
  }

  count(space: string): { items: number; bytes: number } {
    const row = this.#statements.count.get(space);
    return { items: Number(row?.items ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  /** Keys of items whose top-level number attribute lies within the bounds. */
  keysBetween(space: string, attribute: string, [from, to]: readonly [number, number]): string[] {
    const path = `$.${JSON.stringify(attribute)}.N`;
    return this.#statements.between.all(space, path, from, to).map(({ key }) => String(key));
  }

  *values(space: string, range: Range = {}): Generator {
    const from = range.gte ?? range.gt ?? '';
    const to = range.lte ?? range.lt ?? AFTER_ALL_KEYS;
    const statement = selectRange(this.database, range);
    for (const { value } of statement.iterate(space, from, to, range.limit ?? -1)) yield JSON.parse(String(value));
  }

  findTable(name: string): TableDescription | undefined {
    const text = this.#tables.get(name) ?? this.#statements.get.get('table', name)?.value;
    if (typeof text !== 'string') return undefined;
    this.#tables.set(name, text);
    return JSON.parse(text) as TableDescription;
  }

  // The rest is the face that dynalite knows.

  getTable(name: string, checkStatus: boolean | Callback, callback?: Callback): void {
    const done = typeof checkStatus === 'function' ? checkStatus : callback;
    const table = this.findTable(name);
    if (table) done?.(null, table);
    else done?.(notFound(name, checkStatus === false));
  }

  getItemDb(name: string): Space {
    return new Space(this, itemSpace(name));
  }

  getIndexDb(type: string, table: string, index: string): Space {
    return new Space(this, indexSpace(type, table, index));
  }
}

/** One sorted map of JSON values, with LevelDB's calls. */
class Space {
  readonly lock = lockNothing;
  readonly #store: Store;
  readonly #name: string;

  constructor(store: Store, name: string) {
    this.#store = store;
    this.#name = name;
  }

  get(key: string, callback: Callback): void {
    callback(null, this.#store.read(this.#name, key));
  }

  put(key: string, value: unknown, callback: Callback): void {
    this.#store.write(this.#name, key, value);
    callback(null);
  }

  del(key: string, callback: Callback): void {
    this.#store.erase(this.#name, key);
    callback(null);
  }

  createValueStream(range: Range): Stream {
    return new ValueStream(this.#store.values(this.#name, range));
  }
}

/**
 * Emits all values in one go as soon as the listeners are there. A plain Stream, not a Readable: dynalite only
 * listens, and so a query sees one state of the table.
 */
class ValueStream extends Stream {
  #isOver = false;

  constructor(values: Iterable<unknown>) {
    super();
    queueMicrotask(() => {
      try {
        for (const value of values) {
          if (this.#isOver) break;
          this.emit('data', value);
        }
        this.emit('end');
      } catch (error) {
        this.emit('error', error);
      }
    });
  }

  destroy(): void {
    this.#isOver = true;
  }
}

/** Nothing can come in between a synchronous read and write, so dynalite's locks have nothing to do. */
function lockNothing(_key: unknown, work: (release: <F>(done: F) => F) => void): void {
  work((done) => done);
}

function notFound(table: string, isNamed: boolean): Error {
  const message = isNamed ? `Requested resource not found: Table: ${table} not found` : 'Requested resource not found';
  return Object.assign(new Error(message), {
    name: 'NotFoundError',
    statusCode: 400,
    body: { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message },
  });
}

function prepare(database: DatabaseSync) {
  return {
    get: database.prepare('SELECT value FROM entry WHERE space = ? AND key = ?'),
    put: database.prepare(
      'INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET value = excluded.value',
    ),
    del: database.prepare('DELETE FROM entry WHERE space = ? AND key = ?'),
    clear: database.prepare('DELETE FROM entry WHERE space = ?'),
    keys: database.prepare('SELECT key FROM entry WHERE space = ? ORDER BY key'),
    count: database.prepare(
      'SELECT count(*) AS items, coalesce(sum(length(value)), 0) AS bytes FROM entry WHERE space = ?',
    ),
    between: database.prepare(
      'SELECT key FROM entry WHERE space = ? AND CAST(json_extract(value, ?) AS REAL) BETWEEN ? AND ?',
    ),
  };
}

/** Not shared: two queries may run through the same range at the same time. */
function selectRange(database: DatabaseSync, range: Range) {
  const from = range.gte === undefined && range.gt !== undefined ? '>' : '>=';
  const to = range.lte === undefined ? '<' : '<=';
  const order = range.reverse === true ? 'DESC' : 'ASC';
  return database.prepare(
    `SELECT value FROM entry WHERE space = ? AND key ${from} ? AND key ${to} ? ORDER BY key ${order} LIMIT ?`,
  );
}
