import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { AwsError, type CloudContext } from '../service.ts';
import {
  checkAttributes,
  completeAttributes,
  differingAttribute,
  readRedrivePolicy,
  withoutEmpty,
  type QueueAttributes,
  type RedrivePolicy,
} from './attributes.ts';
import { invalidParameter, queueDoesNotExist } from './errors.ts';

export interface Queue {
  readonly id: number;
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly attributes: QueueAttributes;
  readonly redrive: RedrivePolicy | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

interface QueueRow {
  id: number;
  name: string;
  attributes: string;
  tags: string;
  createdAt: number;
  modifiedAt: number;
}

const QUEUE_NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/;

/** Queues and their attributes. Few and often looked up, so all of them are held in memory beside the database. */
export class QueueStore {
  readonly #context: CloudContext;
  readonly #database: DatabaseSync;
  readonly #queues = new Map<string, Queue>();
  readonly #update: StatementSync;

  constructor(context: CloudContext, database: DatabaseSync) {
    this.#context = context;
    this.#database = database;
    this.#update = database.prepare('UPDATE queue SET attributes = ?, tags = ?, modifiedAt = ? WHERE id = ?');
    for (const row of database.prepare('SELECT * FROM queue').all()) this.#remember(row as unknown as QueueRow);
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.#context.region}:${this.#context.accountId}:${name}`;
  }

  url(name: string): string {
    return `${this.#context.endpoint()}/${this.#context.accountId}/${name}`;
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  /** @throws AwsError QueueDoesNotExist */
  get(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  /** Any host will do: only the last part of the path says which queue is meant. @throws AwsError QueueDoesNotExist */
  byUrl(url: string): Queue {
    return this.get(url.slice(url.lastIndexOf('/') + 1));
  }

  findByArn(arn: string): Queue | undefined {
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    return this.arn(name) === arn ? this.find(name) : undefined;
  }

  list(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Queues whose dead-letter queue is the given one. */
  sourcesOf(arn: string): Queue[] {
    return this.list().filter(({ redrive }) => redrive?.deadLetterTargetArn === arn);
  }

  /**
   * Creates a queue; naming an existing one with the same attributes gives that one.
   * @throws AwsError InvalidParameterValue, InvalidAttributeName, InvalidAttributeValue, QueueNameExists
   */
  create(name: string, given: QueueAttributes, tags: Readonly<Record<string, string>>): Queue {
    if (!QUEUE_NAME.test(name)) {
      throw invalidParameter(
        'QueueName',
        name,
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    }
    const isFifo = name.endsWith('.fifo');
    if (isFifo && given.FifoQueue !== 'true') {
      throw invalidParameter(
        'QueueName',
        name,
        'The name of a FIFO queue can only end with .fifo if FifoQueue is true',
      );
    }
    checkAttributes(given, isFifo);
    const existing = this.find(name);
    return existing ? sameQueue(existing, given) : this.#insert(name, this.#checkedTarget(given, isFifo), tags);
  }

  /** Changes the given attributes and keeps the others; an empty text removes one. @throws AwsError as `create` */
  setAttributes(queue: Queue, given: QueueAttributes): Queue {
    checkAttributes(given, queue.isFifo);
    this.#checkedTarget(given, queue.isFifo);
    return this.#save({ ...queue, attributes: withoutEmpty({ ...queue.attributes, ...given }) });
  }

  setTags(queue: Queue, tags: Readonly<Record<string, string>>): void {
    this.#save({ ...queue, tags });
  }

  delete(queue: Queue): void {
    this.#database.prepare('DELETE FROM queue WHERE id = ?').run(queue.id);
    this.#queues.delete(queue.name);
  }

  #checkedTarget(given: QueueAttributes, isFifo: boolean): QueueAttributes {
    const policy = readRedrivePolicy(given);
    if (!policy) return given;
    const target = this.findByArn(policy.deadLetterTargetArn);
    if (!target) throw invalidParameter('RedrivePolicy', given.RedrivePolicy, 'Dead letter target does not exist');
    if (target.isFifo !== isFifo) {
      throw invalidParameter(
        'RedrivePolicy',
        given.RedrivePolicy,
        'Dead-letter queue must be same type of queue as the source',
      );
    }
    return given;
  }

  #insert(name: string, given: QueueAttributes, tags: Readonly<Record<string, string>>): Queue {
    const now = this.#context.now();
    const row = this.#database
      .prepare('INSERT INTO queue (name, attributes, tags, createdAt, modifiedAt) VALUES (?, ?, ?, ?, ?) RETURNING *')
      .get(name, JSON.stringify(completeAttributes(given, name.endsWith('.fifo'))), JSON.stringify(tags), now, now);
    return this.#remember(row as unknown as QueueRow);
  }

  #save(queue: Queue): Queue {
    const modifiedAt = this.#context.now();
    const [attributes, tags] = [JSON.stringify(queue.attributes), JSON.stringify(queue.tags)];
    this.#update.run(attributes, tags, modifiedAt, queue.id);
    const { id, name, createdAt } = queue;
    return this.#remember({ id, name, attributes, tags, createdAt, modifiedAt });
  }

  #remember(row: QueueRow): Queue {
    const attributes = JSON.parse(row.attributes) as QueueAttributes;
    const queue: Queue = {
      id: row.id,
      name: row.name,
      arn: this.arn(row.name),
      isFifo: row.name.endsWith('.fifo'),
      attributes,
      redrive: readRedrivePolicy(attributes),
      tags: JSON.parse(row.tags) as Record<string, string>,
      createdAt: row.createdAt,
      modifiedAt: row.modifiedAt,
    };
    this.#queues.set(queue.name, queue);
    return queue;
  }
}

function sameQueue(existing: Queue, given: QueueAttributes): Queue {
  const name = differingAttribute(given, existing.attributes);
  if (name === undefined) return existing;
  throw new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${name}`,
  );
}
