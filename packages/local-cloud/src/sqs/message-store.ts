import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { CloudContext } from '../service.ts';
import { milliseconds } from './attributes.ts';
import { transaction } from '../database.ts';
import { md5 } from './message-content.ts';
import { prepareStatements, type Statements } from './message-statements.ts';
import type { Queue, QueueStore } from './queue-store.ts';
import type { Receipt } from './receipt.ts';

/** A message as it lies in the database; `attributes` and `system` are JSON texts. */
export interface MessageRow {
  readonly seq: number;
  readonly queueId: number;
  readonly messageId: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: string | null;
  readonly system: string;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number | null;
  readonly groupId: string | null;
  readonly sourceArn: string | null;
}

export interface NewMessage {
  readonly body: string;
  /** JSON of the message attributes, if any. */
  readonly attributes: string | undefined;
  /** System attributes that stay with the message, such as SenderId and AWSTraceHeader. */
  readonly system: Readonly<Record<string, string>>;
  readonly delayMs: number;
  readonly groupId?: string | undefined;
  /** Messages with the same key within five minutes are one message (FIFO). */
  readonly deduplicationKey?: string | undefined;
}

export interface SentMessage {
  readonly messageId: string;
  readonly bodyMd5: string;
  readonly sequenceNumber: string | undefined;
}

export interface TakeOptions {
  readonly max: number;
  readonly visibilityMs: number;
  /** Taken by an event source mapping, to be released after a crash. */
  readonly isMapped: boolean;
}

/** FIFO deduplication interval of SQS. */
const DEDUPLICATION_MS = 300_000;
/** Width of FIFO sequence numbers, as AWS pads them. */
const SEQUENCE_DIGITS = 20;

/** Messages of all queues. Every method is one transaction or one statement; what it returned has been committed. */
export class MessageStore {
  readonly #context: CloudContext;
  readonly #database: DatabaseSync;
  readonly #queues: QueueStore;
  readonly #sql: Statements;
  /** Told when messages of a queue may have become visible. */
  readonly #wake: (queueId: number) => void;

  constructor(
    context: CloudContext,
    database: DatabaseSync,
    parts: { queues: QueueStore; wake: (id: number) => void },
  ) {
    this.#context = context;
    this.#database = database;
    this.#queues = parts.queues;
    this.#wake = parts.wake;
    this.#sql = prepareStatements(database);
  }

  /** Stores the messages in order, in one transaction. */
  send(queue: Queue, messages: readonly NewMessage[]): SentMessage[] {
    const [only] = messages;
    const insert = (): SentMessage[] => messages.map((message) => this.#insert(queue, message));
    const sent =
      messages.length === 1 && only && !queue.isFifo
        ? [this.#insert(queue, only)]
        : transaction(this.#database, insert);
    this.#wake(queue.id);
    return sent;
  }

  /**
   * Takes up to `max` visible messages and hides them. A message that has been received `maxReceiveCount` times already
   * goes to the dead-letter queue instead.
   */
  take(queue: Queue, options: TakeOptions): MessageRow[] {
    const now = this.#context.now();
    if (this.#sql.firstVisible.get(queue.id, now) === undefined) return [];
    const woken = new Set<number>();
    const rows = transaction(this.#database, () => {
      this.#sql.expire.run(queue.id, now - milliseconds(queue.attributes, 'MessageRetentionPeriod'));
      return this.#collect(queue, { ...options, now, woken });
    });
    for (const id of woken) this.#wake(id);
    return rows;
  }

  remove(queue: Queue, receipts: readonly Receipt[]): void {
    const [only] = receipts;
    if (receipts.length === 1 && only) this.#delete(queue, only);
    else transaction(this.#database, () => receipts.forEach((receipt) => this.#delete(queue, receipt)));
    // The next messages of a FIFO group become available when the one in flight goes.
    if (queue.isFifo) this.#wake(queue.id);
  }

  find(queue: Queue, receipt: Receipt): MessageRow | undefined {
    return this.#sql.find.get(receipt.seq, queue.id, receipt.messageId) as MessageRow | undefined;
  }

  hide(queue: Queue, receipt: Receipt, timeoutMs: number): void {
    this.#sql.hide.run(this.#context.now() + timeoutMs, receipt.seq, queue.id, receipt.messageId);
    this.#wake(queue.id);
  }

  isInFlight({ receiveCount, visibleAt }: MessageRow): boolean {
    return receiveCount > 0 && visibleAt > this.#context.now();
  }

  purge(queue: Queue): void {
    this.#sql.purge.run(queue.id);
  }

  /** Makes messages visible again that an event source mapping of an earlier run had taken: whoever held them is dead. */
  releaseMapped(): void {
    const released = this.#sql.release.all(this.#context.now());
    for (const id of new Set(released.map(({ queueId }) => Number(queueId)))) this.#wake(id);
  }

  counts(queue: Queue): { visible: number; notVisible: number; delayed: number } {
    const now = this.#context.now();
    this.#sql.expire.run(queue.id, now - milliseconds(queue.attributes, 'MessageRetentionPeriod'));
    const visible = Number(this.#sql.countVisible.get(queue.id, now)?.count);
    const hidden = this.#sql.countHidden.get(queue.id, now);
    return { visible, notVisible: Number(hidden?.notVisible), delayed: Number(hidden?.delayed) };
  }

  /** Milliseconds until the next hidden message of the queue becomes visible. */
  nextVisibleIn(queueId: number): number | undefined {
    const now = this.#context.now();
    const at = this.#sql.nextVisible.get(queueId, now)?.at;
    return typeof at === 'number' ? at - now : undefined;
  }

  /**
   * Gives up to `max` visible messages to where they came from, or to one queue, as new messages; returns how many.
   * Messages whose source is not known any more stay.
   */
  move(from: Queue, to: Queue | undefined, max: number): number {
    const now = this.#context.now();
    const woken = new Set<number>();
    const moved = transaction(this.#database, () => {
      const rows = this.#sql.oldestVisible.all(from.id, now, max) as unknown as MessageRow[];
      return rows.filter((row) => {
        const target = to ?? this.#queues.findByArn(row.sourceArn ?? '');
        if (!target) return false;
        this.#sql.renew.run({ seq: row.seq, queueId: target.id, messageId: randomUUID(), now });
        woken.add(target.id);
        return true;
      }).length;
    });
    for (const id of woken) this.#wake(id);
    return moved;
  }

  #collect(queue: Queue, options: TakeOptions & { now: number; woken: Set<number> }): MessageRow[] {
    const { max, now } = options;
    const statement = queue.isFifo ? this.#sql.nextFifo : this.#sql.next;
    const next = (): MessageRow[] => statement.all({ queueId: queue.id, now, max }) as unknown as MessageRow[];
    let rows = next();
    const policy = queue.redrive;
    const deadLetters = policy && this.#queues.findByArn(policy.deadLetterTargetArn);
    const isWorn = ({ receiveCount }: MessageRow): boolean =>
      policy !== undefined && receiveCount >= policy.maxReceiveCount;
    while (deadLetters && rows.some(isWorn)) {
      for (const { seq } of rows.filter(isWorn)) this.#sql.bury.run(deadLetters.id, queue.arn, now, seq);
      options.woken.add(deadLetters.id);
      rows = next();
    }
    return rows.map((row) => this.#markTaken(row, options));
  }

  #markTaken(row: MessageRow, { now, visibilityMs, isMapped }: TakeOptions & { now: number }): MessageRow {
    this.#sql.taken.run(now + visibilityMs, now, isMapped ? 1 : 0, row.seq);
    return { ...row, receiveCount: row.receiveCount + 1, firstReceivedAt: row.firstReceivedAt ?? now };
  }

  #insert(queue: Queue, message: NewMessage): SentMessage {
    const bodyMd5 = md5(message.body);
    const now = this.#context.now();
    const duplicate = this.#duplicateOf(queue, message, now);
    if (duplicate) return { ...duplicate, bodyMd5 };
    const messageId = randomUUID();
    const { lastInsertRowid } = this.#sql.insert.run({
      queueId: queue.id,
      messageId,
      body: message.body,
      bodyMd5,
      attributes: message.attributes ?? null,
      system: JSON.stringify(message.system),
      sentAt: now,
      visibleAt: now + message.delayMs,
      groupId: message.groupId ?? null,
    });
    const sequenceNumber = queue.isFifo ? String(lastInsertRowid).padStart(SEQUENCE_DIGITS, '0') : undefined;
    if (message.deduplicationKey !== undefined && sequenceNumber !== undefined) {
      const expiresAt = now + DEDUPLICATION_MS;
      this.#sql.remember.run(queue.id, message.deduplicationKey, messageId, sequenceNumber, expiresAt);
    }
    return { messageId, bodyMd5, sequenceNumber };
  }

  #duplicateOf(queue: Queue, message: NewMessage, now: number): Omit<SentMessage, 'bodyMd5'> | undefined {
    if (message.deduplicationKey === undefined) return undefined;
    this.#sql.forget.run(queue.id, now);
    return this.#sql.duplicate.get(queue.id, message.deduplicationKey) as Omit<SentMessage, 'bodyMd5'> | undefined;
  }

  #delete(queue: Queue, receipt: Receipt): void {
    this.#sql.delete.run(receipt.seq, queue.id, receipt.messageId);
  }
}
