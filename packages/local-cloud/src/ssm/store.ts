import type { DatabaseSync } from 'node:sqlite';
import type { CloudContext } from '../service.ts';
import { transaction } from '../database.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';

export interface Parameter {
  readonly name: string;
  readonly version: number;
  readonly type: ParameterType;
  readonly value: string;
  readonly description: string | null;
  readonly dataType: string;
  readonly tier: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface NewParameter {
  readonly type: ParameterType;
  readonly value: string;
  readonly description?: string | undefined;
  readonly dataType?: string | undefined;
  readonly tier?: string | undefined;
}

export const SSM_SCHEMA = `
  CREATE TABLE IF NOT EXISTS parameter (
    name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, description TEXT,
    dataType TEXT NOT NULL, tier TEXT NOT NULL, modifiedAt INTEGER NOT NULL, PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tag (name TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name, key)) STRICT;
`;

/** Parameter Store keeps the hundred newest versions. */
const MAX_VERSIONS = 100;
const NEWEST = 'SELECT * FROM parameter AS p WHERE version = (SELECT max(version) FROM parameter WHERE name = p.name)';

/** Parameters with their versions. */
export class ParameterStore {
  readonly #context: CloudContext;
  readonly #database: DatabaseSync;

  constructor(context: CloudContext, database: DatabaseSync) {
    this.#context = context;
    this.#database = database;
  }

  /** The given version, or the newest. */
  find(name: string, version?: number): Parameter | undefined {
    const row =
      version === undefined
        ? this.#database.prepare('SELECT * FROM parameter WHERE name = ? ORDER BY version DESC LIMIT 1').get(name)
        : this.#database.prepare('SELECT * FROM parameter WHERE name = ? AND version = ?').get(name, version);
    return row as unknown as Parameter | undefined;
  }

  history(name: string): Parameter[] {
    const rows = this.#database.prepare('SELECT * FROM parameter WHERE name = ? ORDER BY version').all(name);
    return rows as unknown as Parameter[];
  }

  /** Newest versions of all parameters by name. */
  list(): Parameter[] {
    return this.#database.prepare(`${NEWEST} ORDER BY name`).all() as unknown as Parameter[];
  }

  /** @returns the new version */
  put(name: string, { type, value, description, dataType = 'text', tier = 'Standard' }: NewParameter): number {
    const current = this.find(name);
    const version = (current?.version ?? 0) + 1;
    const about = description ?? current?.description ?? null;
    transaction(this.#database, () => {
      this.#database
        .prepare('INSERT INTO parameter VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(name, version, type, value, about, dataType, tier, this.#context.now());
      this.#database.prepare('DELETE FROM parameter WHERE name = ? AND version <= ?').run(name, version - MAX_VERSIONS);
    });
    return version;
  }

  /** @returns whether there was one */
  delete(name: string): boolean {
    this.#database.prepare('DELETE FROM tag WHERE name = ?').run(name);
    return this.#database.prepare('DELETE FROM parameter WHERE name = ?').run(name).changes > 0;
  }

  tags(name: string): { Key: string; Value: string }[] {
    const rows = this.#database.prepare('SELECT key, value FROM tag WHERE name = ? ORDER BY key').all(name);
    return rows.map(({ key, value }) => ({ Key: String(key), Value: String(value) }));
  }

  setTag(name: string, key: string, value: string): void {
    this.#database
      .prepare('INSERT INTO tag VALUES (?, ?, ?) ON CONFLICT (name, key) DO UPDATE SET value = excluded.value')
      .run(name, key, value);
  }

  deleteTag(name: string, key: string): void {
    this.#database.prepare('DELETE FROM tag WHERE name = ? AND key = ?').run(name, key);
  }
}
