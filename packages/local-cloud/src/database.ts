import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Opens (and creates) `dataDir/{name}.sqlite`. WAL with `synchronous = NORMAL`: what was committed survives `kill -9`;
 * only a power cut can lose the last moments.
 */
export function openDatabase(dataDir: string, name: string, schema: string): DatabaseSync {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, `${name}.sqlite`));
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;
    ${schema}`);
  return database;
}

/** Runs the work in one transaction; an exception undoes all of it. Not to be nested. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
