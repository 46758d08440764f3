import type { DatabaseSync } from 'node:sqlite';
import { transaction } from '../database.ts';
import type { Log } from '../service.ts';
import type { Target } from './target.ts';

/** One event on its way to one target. */
export interface Delivery {
  readonly id: number;
  readonly ruleArn: string;
  readonly target: Target;
  readonly payload: string;
  /** Attempts that have failed. */
  readonly attempts: number;
  readonly acceptedAt: number;
}

export type NewDelivery = Pick<Delivery, 'ruleArn' | 'target' | 'payload'>;

export interface OutboxPorts {
  readonly now: () => number;
  readonly log: Log;
  /** Hands a delivery to its target. Throws when it should be tried again. */
  readonly deliver: (delivery: Delivery) => void | Promise<void>;
  /** Called once with a delivery that is given up. */
  readonly giveUp: (delivery: Delivery, failure: { error: unknown; reason: string }) => void;
}

/** EventBridge's defaults: a day or 185 attempts, whatever comes first. */
const MAX_ATTEMPTS = 185;
const MAX_AGE_SECONDS = 86_400;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;
/** Deliveries on their way at the same time; functions queue further calls by themselves. */
const MAX_RUNNING = 64;

/** Deliveries, on disk from before PutEvents answers until the target has taken them. At least once, as on AWS. */
export class Outbox {
  readonly #database: DatabaseSync;
  readonly #ports: OutboxPorts;
  readonly #running = new Map<number, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(database: DatabaseSync, ports: OutboxPorts) {
    this.#database = database;
    this.#ports = ports;
    // Of an earlier run; a moment later, when everything has been composed.
    this.#arm();
  }

  /** Accepts deliveries; when this returns they survive a crash. */
  add(deliveries: readonly NewDelivery[]): void {
    if (deliveries.length === 0) return;
    const now = this.#ports.now();
    const insert = this.#database.prepare(
      'INSERT INTO delivery (ruleArn, target, payload, acceptedAt, dueAt) VALUES (?, ?, ?, ?, ?)',
    );
    transaction(this.#database, () => {
      for (const { ruleArn, target, payload } of deliveries)
        insert.run(ruleArn, JSON.stringify(target), payload, now, now);
    });
    this.#arm();
  }

  get size(): number {
    return Number(this.#database.prepare('SELECT count(*) AS size FROM delivery').get()?.size);
  }

  /** Waits for what is on its way; the rest is delivered by the next run. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#running.values());
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#running.size >= MAX_RUNNING) return;
    const [next] = this.#pending(1);
    if (!next) return;
    const delay = Math.min(LONGEST_RETRY_MS, Math.max(0, Number(next.dueAt) - this.#ports.now()));
    this.#timer = setTimeout(() => {
      this.#run();
    }, delay);
  }

  /** The next deliveries that are not on their way, soonest first. */
  #pending(limit: number) {
    return this.#database
      .prepare('SELECT * FROM delivery WHERE id NOT IN (SELECT value FROM json_each(?)) ORDER BY dueAt, id LIMIT ?')
      .all(JSON.stringify([...this.#running.keys()]), limit);
  }

  #run(): void {
    const now = this.#ports.now();
    for (const row of this.#pending(MAX_RUNNING - this.#running.size)) {
      if (Number(row.dueAt) > now) break;
      const delivery = { ...row, target: JSON.parse(String(row.target)) as Target } as unknown as Delivery;
      const work = this.#attempt(delivery).finally(() => {
        this.#running.delete(delivery.id);
        this.#arm();
      });
      this.#running.set(delivery.id, work);
    }
    this.#arm();
  }

  async #attempt(delivery: Delivery): Promise<void> {
    try {
      await this.#ports.deliver(delivery);
      this.#forget(delivery);
    } catch (error) {
      this.#failed({ ...delivery, attempts: delivery.attempts + 1 }, error);
    }
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { target, attempts, acceptedAt, id } = delivery;
    const maxRetries = target.RetryPolicy?.MaximumRetryAttempts ?? MAX_ATTEMPTS;
    const maxAge = (target.RetryPolicy?.MaximumEventAgeInSeconds ?? MAX_AGE_SECONDS) * 1000;
    const isOld = this.#ports.now() - acceptedAt > maxAge;
    if (attempts > maxRetries || isOld) {
      const reason = isOld ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts';
      this.#ports.giveUp(delivery, { error, reason });
      this.#forget(delivery);
      return;
    }
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 16));
    this.#ports.log('debug', 'event will be delivered again', { arn: target.Arn, attempts, error: String(error) });
    this.#database
      .prepare('UPDATE delivery SET attempts = ?, dueAt = ? WHERE id = ?')
      .run(attempts, this.#ports.now() + delay, id);
  }

  #forget({ id }: Delivery): void {
    this.#database.prepare('DELETE FROM delivery WHERE id = ?').run(id);
  }
}
