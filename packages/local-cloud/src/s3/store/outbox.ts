import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SendToQueue } from '../../ports.ts';
import { AwsError, type Log } from '../../service.ts';

interface Message {
  readonly id: number;
  readonly queue: string;
  readonly body: string;
}

/** When a queue could not take a message for another reason than not being there. */
const RETRY_MS = 1_000;
const BATCH = 100;

/**
 * Notifications on their way to SQS. A row is written in the transaction of the change it tells of and removed after its
 * queue has it, so an acknowledged change gives its event even when the process dies in between: at least once, as on AWS.
 */
export class Outbox {
  readonly #add: StatementSync;
  readonly #next: StatementSync;
  readonly #remove: StatementSync;
  readonly #count: StatementSync;
  readonly #send: SendToQueue;
  readonly #log: Log;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(db: DatabaseSync, ports: { sendToQueue: SendToQueue; log: Log }) {
    this.#add = db.prepare('INSERT INTO outbox (queue, body) VALUES (?, ?)');
    this.#next = db.prepare('SELECT * FROM outbox ORDER BY id LIMIT ?');
    this.#remove = db.prepare('DELETE FROM outbox WHERE id = ?');
    this.#count = db.prepare('SELECT count(*) AS waiting FROM outbox');
    this.#send = ports.sendToQueue;
    this.#log = ports.log;
  }

  /** To be called inside the transaction of the change. */
  add(queue: string, body: string): void {
    this.#add.run(queue, body);
  }

  /** Hands over all that waits; what a queue refuses for now is tried again by a timer. */
  drain(): void {
    if (this.#isClosed || this.#retry) return;
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
      for (const message of batch) {
        if (!this.#deliver(message)) return;
      }
    }
  }

  get waiting(): number {
    return (this.#count.get() as { waiting: number }).waiting;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  #take(): Message[] {
    return this.#next.all(BATCH) as unknown as Message[];
  }

  #deliver({ id, queue, body }: Message): boolean {
    try {
      this.#send(queue, body);
    } catch (cause) {
      if (!(cause instanceof AwsError)) {
        this.#log('error', 'notification could not be handed to its queue; it is tried again', { queue, cause });
        this.#retryLater();
        return false;
      }
      // The queue was deleted after the configuration was made: S3 drops such events, too.
      this.#log('warn', 'notification dropped: its queue takes no messages', { queue, reason: cause.message });
    }
    this.#remove.run(id);
    return true;
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.drain();
    }, RETRY_MS);
    this.#retry.unref();
  }
}
