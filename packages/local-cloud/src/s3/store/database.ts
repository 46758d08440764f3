import type { DatabaseSync } from 'node:sqlite';
import { openDatabase as open, transaction } from '../../database.ts';

/**
 * `objects.file` is the body of an object put in one piece ('' for no bytes); an object put in parts has `upload` instead, and
 * its body is the rows of `parts` in order, so that completing an upload copies nothing. `garbage` holds files that no row
 * names any more, `outbox` the notifications that were not handed to their queue yet: both written with the change itself.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created INTEGER NOT NULL, region TEXT NOT NULL, config TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT, upload TEXT, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, sequencer TEXT NOT NULL, details TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, initiated INTEGER NOT NULL, details TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, initiated, id);
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, checksum TEXT, PRIMARY KEY (upload, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS garbage (file TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL);
`;

export interface Database {
  readonly db: DatabaseSync;
  /** Runs `work` as one transaction; must not wait inside. */
  transaction<T>(work: () => T): T;
}

/** Opens `folder/s3.sqlite`. */
export function openDatabase(folder: string): Database {
  const db = open(folder, 's3', SCHEMA);
  return { db, transaction: (work) => transaction(db, work) };
}
