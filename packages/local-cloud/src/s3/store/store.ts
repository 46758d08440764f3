import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SendToQueue } from '../../ports.ts';
import type { CloudContext } from '../../service.ts';
import {
  type EventFacts,
  type EventName,
  eventMessage,
  parseQueueRules,
  type QueueRule,
  rulesFor,
} from '../rules/notifications.ts';
import { ConditionalWrites } from '../http/conditions.ts';
import { BodyStore } from './bodies.ts';
import { type Bucket, BucketTable } from './buckets.ts';
import { type Database, openDatabase } from './database.ts';
import type { ObjectDetails, StoredObject, StoredPart } from './model.ts';
import { ObjectTable } from './objects.ts';
import { Outbox } from './outbox.ts';
import { UploadTable } from './uploads.ts';

/** Who caused a change, for its event. */
export interface Cause {
  readonly event: EventName;
  readonly requestId: string;
  readonly sourceIp: string;
}

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  /** '' for no bytes; null with `upload`. */
  readonly file: string | null;
  readonly upload: string | null;
  readonly size: number;
  readonly etag: string;
  readonly details: ObjectDetails;
}

/** Bits of the sequencer below the millisecond: changes within one. */
const SEQUENCER_STEPS = 4096n;
/** Files of replaced and removed bodies are unlinked a moment later, away from any request. */
const GARBAGE_DELAY_MS = 500;
const GARBAGE_BATCH = 500;

/** Buckets, objects, uploads and their events, each change one transaction. */
export class S3Store {
  readonly bodies: BodyStore;
  readonly buckets: BucketTable;
  readonly objects: ObjectTable;
  readonly uploads: UploadTable;
  readonly outbox: Outbox;
  readonly conditionals = new ConditionalWrites();
  readonly context: CloudContext;
  readonly sendToQueue: SendToQueue;
  readonly #database: Database;
  readonly #rules = new WeakMap<Bucket, QueueRule[]>();
  #lastSequencer = 0n;
  #garbageTimer: NodeJS.Timeout | undefined;

  constructor(context: CloudContext, sendToQueue: SendToQueue) {
    const folder = join(context.dataDir, 's3');
    this.context = context;
    this.sendToQueue = sendToQueue;
    this.#database = openDatabase(folder);
    const { db } = this.#database;
    this.bodies = new BodyStore(folder);
    this.buckets = new BucketTable(db);
    this.objects = new ObjectTable(db);
    this.uploads = new UploadTable(db);
    this.outbox = new Outbox(db, { sendToQueue, log: context.log });
    this.#recover();
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  /** Puts an object in the place of an earlier one; `also` runs in the same transaction. */
  putObject(object: NewObject, cause: Cause, also?: () => void): StoredObject {
    const sequencer = this.nextSequencer();
    const stored = { ...object, modified: this.context.now(), sequencer };
    this.transaction(() => {
      const before = this.objects.find(object.bucket, object.key);
      if (before) this.objects.throwAwayBody(before);
      this.objects.put(stored);
      also?.();
      this.#announce(stored, cause);
    });
    if (object.file) this.bodies.settle(object.file);
    this.#afterChange();
    return stored;
  }

  /** Removes objects; keys that do not exist are no error and give no event. */
  deleteObjects(bucket: string, keys: readonly string[], cause: Cause): void {
    this.transaction(() => {
      for (const key of keys) {
        const before = this.objects.find(bucket, key);
        if (!before) continue;
        this.objects.throwAwayBody(before);
        this.objects.remove(bucket, key);
        this.conditionals.deleted(bucket, key);
        this.#announce({ bucket, key, sequencer: this.nextSequencer() }, cause);
      }
    });
    this.#afterChange();
  }

  changeDetails(object: StoredObject, details: ObjectDetails, cause: Cause): void {
    this.transaction(() => {
      this.objects.setDetails({ ...object, details });
      this.#announce({ ...object, sequencer: this.nextSequencer() }, cause);
    });
    this.#afterChange();
  }

  putPart(upload: string, part: StoredPart): void {
    this.transaction(() => this.uploads.putPart(upload, part));
    if (part.file) this.bodies.settle(part.file);
    this.#afterChange();
  }

  abortUpload(id: string): void {
    this.transaction(() => {
      this.objects.throwAwayBody({ file: null, upload: id });
      this.uploads.remove(id);
    });
    this.#afterChange();
  }

  removeBucket(name: string): void {
    this.transaction(() => {
      for (const { id } of this.uploads.begunBefore(name, Number.MAX_SAFE_INTEGER)) {
        this.objects.throwAwayBody({ file: null, upload: id });
        this.uploads.remove(id);
      }
      this.buckets.remove(name);
    });
    this.#afterChange();
  }

  /** Clock and counter in one: grows from change to change, also over a restart. */
  nextSequencer(): string {
    const byClock = BigInt(this.context.now()) * SEQUENCER_STEPS;
    this.#lastSequencer = byClock > this.#lastSequencer ? byClock : this.#lastSequencer + 1n;
    return this.#lastSequencer.toString(16).toUpperCase().padStart(18, '0');
  }

  counts(): Record<string, number> {
    const { db } = this.#database;
    const count = (table: string): number =>
      (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
    const bytes = db.prepare('SELECT coalesce(sum(size), 0) AS n FROM objects').get() as { n: number };
    return {
      buckets: count('buckets'),
      objects: count('objects'),
      bytes: bytes.n,
      uploads: count('uploads'),
      notificationsWaiting: this.outbox.waiting,
    };
  }

  close(): void {
    clearTimeout(this.#garbageTimer);
    this.outbox.close();
    this.collectGarbage();
    this.#database.db.close();
  }

  /** Unlinks files that nothing names any more. */
  collectGarbage(): void {
    const { db } = this.#database;
    const rows = db.prepare('SELECT file FROM garbage LIMIT ?').all(GARBAGE_BATCH) as { file: string }[];
    if (rows.length === 0) return;
    for (const { file } of rows) this.bodies.remove(file);
    const forget = db.prepare('DELETE FROM garbage WHERE file = ?');
    this.transaction(() => rows.forEach(({ file }) => forget.run(file)));
    if (rows.length === GARBAGE_BATCH) this.#scheduleGarbage();
  }

  #rulesOf(name: string): QueueRule[] {
    const bucket = this.buckets.find(name);
    if (!bucket?.config.notification) return [];
    let rules = this.#rules.get(bucket);
    if (!rules) {
      rules = parseQueueRules(bucket.config.notification);
      this.#rules.set(bucket, rules);
    }
    return rules;
  }

  #announce(object: Pick<StoredObject, 'bucket' | 'key' | 'sequencer'> & Partial<StoredObject>, cause: Cause): void {
    const rules = rulesFor(this.#rulesOf(object.bucket), cause.event, object.key);
    if (rules.length === 0) return;
    const { now, region, accountId } = this.context;
    const { bucket, key, sequencer, size, etag } = object;
    const known = size === undefined || etag === undefined ? {} : { size, etag };
    const facts: EventFacts = { ...cause, ...known, bucket, key, sequencer, time: now(), region, accountId };
    for (const rule of rules) this.outbox.add(rule.queueArn, eventMessage(rule.id || randomUUID(), facts));
  }

  #afterChange(): void {
    this.outbox.drain();
    this.#scheduleGarbage();
  }

  #scheduleGarbage(): void {
    if (this.#garbageTimer) return;
    this.#garbageTimer = setTimeout(() => {
      this.#garbageTimer = undefined;
      this.collectGarbage();
    }, GARBAGE_DELAY_MS);
    this.#garbageTimer.unref();
  }

  /** What a death of the process left: bodies written but not moved, files not unlinked, events not sent. */
  #recover(): void {
    const { db } = this.#database;
    const named = db.prepare(
      'SELECT 1 FROM objects WHERE file = ?1 UNION ALL SELECT 1 FROM parts WHERE file = ?1 LIMIT 1',
    );
    for (const file of this.bodies.unsettled()) {
      if (named.get(file)) this.bodies.settle(file);
      else this.bodies.discard(file);
    }
    const last = db.prepare('SELECT max(sequencer) AS last FROM objects').get() as { last: string | null };
    this.#lastSequencer = last.last === null ? 0n : BigInt(`0x${last.last}`);
    this.#scheduleGarbage();
    // The queues are other services' to open; they are there once this turn is over.
    setImmediate(() => this.outbox.drain());
  }
}
