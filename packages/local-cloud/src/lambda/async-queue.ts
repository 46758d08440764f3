import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../database.ts';

/** One asynchronous invocation that has been accepted and not yet come to its end. */
export interface AsyncEvent {
  readonly id: string;
  readonly functionName: string;
  /** JSON text */
  readonly payload: string;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  readonly dueAt: number;
}

export interface AsyncQueueOptions {
  /** Where `async.sqlite` lies. */
  readonly folder: string;
  readonly now: () => number;
  /** Runs one attempt and says when the next is due, or that the event has come to its end. Must not throw. */
  readonly attempt: (event: AsyncEvent) => Promise<{ retryAt: number } | 'done'>;
}

/** Longest timer; a retry due later is looked at again then. */
const MAX_TIMER_MS = 60_000;

/** Asynchronous invocations, on disk before they are acknowledged and until they have succeeded or run out of attempts. */
export class AsyncQueue {
  readonly #database: DatabaseSync;
  readonly #options: AsyncQueueOptions;
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: AsyncQueueOptions) {
    this.#options = options;
    this.#database = openDatabase(
      options.folder,
      'async',
      `
      CREATE TABLE IF NOT EXISTS async_event (
        id TEXT PRIMARY KEY, functionName TEXT NOT NULL, payload TEXT NOT NULL,
        attempts INTEGER NOT NULL, acceptedAt INTEGER NOT NULL, dueAt INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS async_due ON async_event (dueAt);
    `,
    );
  }

  /** Accepts an invocation; when this returns it survives a crash. */
  add(event: Pick<AsyncEvent, 'id' | 'functionName' | 'payload'>): void {
    const now = this.#options.now();
    this.#database
      .prepare('INSERT INTO async_event VALUES (?, ?, ?, 0, ?, ?)')
      .run(event.id, event.functionName, event.payload, now, now);
    this.wake();
  }

  /** Starts whatever is due. Called at start for the events of an earlier run. */
  wake(): void {
    if (this.#isClosed) return;
    const due = this.#database
      .prepare('SELECT * FROM async_event WHERE dueAt <= ? ORDER BY dueAt')
      .all(this.#options.now()) as unknown as AsyncEvent[];
    for (const event of due) if (!this.#running.has(event.id)) this.#start(event);
    this.#arm();
  }

  get size(): number {
    const row = this.#database.prepare('SELECT count(*) AS size FROM async_event').get();
    return Number(row?.size ?? 0);
  }

  /** Call before the functions are ended: attempts cut off by that do not count and are made again at the next start. */
  pause(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Waits for running attempts, so call it after the functions have been ended. */
  async close(): Promise<void> {
    this.pause();
    await Promise.all(this.#running.values());
    this.#database.close();
  }

  #start(event: AsyncEvent): void {
    const work = this.#run(event).finally(() => {
      this.#running.delete(event.id);
      this.#arm();
    });
    this.#running.set(event.id, work);
  }

  async #run(event: AsyncEvent): Promise<void> {
    const next = await this.#options.attempt(event);
    if (this.#isClosed && next !== 'done') return;
    if (next === 'done') this.#database.prepare('DELETE FROM async_event WHERE id = ?').run(event.id);
    else {
      this.#database
        .prepare('UPDATE async_event SET attempts = attempts + 1, dueAt = ? WHERE id = ?')
        .run(next.retryAt, event.id);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const rows = this.#database.prepare('SELECT id, dueAt FROM async_event ORDER BY dueAt').iterate();
    for (const { id, dueAt } of rows) {
      if (this.#running.has(String(id))) continue;
      const delay = Math.min(MAX_TIMER_MS, Math.max(0, Number(dueAt) - this.#options.now()));
      this.#timer = setTimeout(() => {
        this.wake();
      }, delay);
      return;
    }
  }
}
