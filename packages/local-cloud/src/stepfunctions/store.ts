import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../database.ts';

/** Times are milliseconds since the epoch; `history` is the JSON of what GetExecutionHistory gives, once it has ended. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS machines (
  arn TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  type TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  revision TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS executions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  arn TEXT NOT NULL UNIQUE,
  machine_arn TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  input TEXT NOT NULL,
  output TEXT,
  error TEXT,
  cause TEXT,
  started_at INTEGER NOT NULL,
  stopped_at INTEGER,
  history TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS executions_by_machine ON executions (machine_arn, number);
CREATE INDEX IF NOT EXISTS executions_running ON executions (number) WHERE status = 'RUNNING';
CREATE INDEX IF NOT EXISTS executions_ended ON executions (stopped_at) WHERE stopped_at IS NOT NULL;
`;

/** Ended executions stay as long as on AWS: 90 days. */
const RETENTION_MS = 90 * 24 * 3_600_000;

export interface MachineRow {
  readonly arn: string;
  readonly name: string;
  readonly definition: string;
  readonly type: 'EXPRESS' | 'STANDARD';
  readonly role_arn: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly revision: string;
}

export interface ExecutionRow {
  readonly number: number;
  readonly arn: string;
  readonly machine_arn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly started_at: number;
  readonly stopped_at: number | null;
  readonly history: string | null;
}

export interface ExecutionEnd {
  readonly arn: string;
  readonly status: ExecutionRow['status'];
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly stoppedAt: number;
  readonly history: string;
}

export interface ListQuery {
  readonly machineArn: string;
  readonly status: string | undefined;
  /** Executions with a smaller number, newest first. */
  readonly before: number;
  readonly limit: number;
}

/** State machines and executions on disk. */
export class Store {
  private readonly database: DatabaseSync;

  constructor(dataDir: string, now: number) {
    this.database = openDatabase(dataDir, 'stepfunctions', SCHEMA);
    this.database.prepare('DELETE FROM executions WHERE stopped_at < ?').run(now - RETENTION_MS);
  }

  machine(arn: string): MachineRow | undefined {
    return this.database.prepare('SELECT * FROM machines WHERE arn = ?').get(arn) as MachineRow | undefined;
  }

  machines(): MachineRow[] {
    return this.database.prepare('SELECT * FROM machines ORDER BY name').all() as unknown as MachineRow[];
  }

  putMachine(row: MachineRow): void {
    this.database
      .prepare('INSERT OR REPLACE INTO machines VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(row.arn, row.name, row.definition, row.type, row.role_arn, row.created_at, row.updated_at, row.revision);
  }

  deleteMachine(arn: string): void {
    this.database.prepare('DELETE FROM machines WHERE arn = ?').run(arn);
  }

  execution(arn: string): ExecutionRow | undefined {
    return this.database.prepare('SELECT * FROM executions WHERE arn = ?').get(arn) as ExecutionRow | undefined;
  }

  /** Executions that were accepted and have not ended, oldest first. */
  running(): ExecutionRow[] {
    return this.database
      .prepare("SELECT * FROM executions WHERE status = 'RUNNING' ORDER BY number")
      .all() as unknown as ExecutionRow[];
  }

  addExecution(row: Pick<ExecutionRow, 'arn' | 'machine_arn' | 'name' | 'input' | 'started_at'>): void {
    this.database
      .prepare(
        "INSERT INTO executions (arn, machine_arn, name, status, input, started_at) VALUES (?, ?, ?, 'RUNNING', ?, ?)",
      )
      .run(row.arn, row.machine_arn, row.name, row.input, row.started_at);
  }

  /** Ends an execution that has not ended yet. */
  endExecution(end: ExecutionEnd): void {
    this.database
      .prepare(
        `UPDATE executions SET status = ?, output = ?, error = ?, cause = ?, stopped_at = ?, history = ?
         WHERE arn = ? AND status = 'RUNNING'`,
      )
      .run(end.status, end.output, end.error, end.cause, end.stoppedAt, end.history, end.arn);
  }

  list({ machineArn, status, before, limit }: ListQuery): ExecutionRow[] {
    return this.database
      .prepare(
        `SELECT * FROM executions WHERE machine_arn = ? AND number < ? AND (? IS NULL OR status = ?)
         ORDER BY number DESC LIMIT ?`,
      )
      .all(machineArn, before, status ?? null, status ?? null, limit) as unknown as ExecutionRow[];
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }
}
