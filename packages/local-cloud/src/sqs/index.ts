import type { SendToQueue } from '../ports.ts';
import type { CloudContext, JsonService } from '../service.ts';
import { openDatabase } from '../database.ts';
import { queueDoesNotExist } from './errors.ts';
import { changeVisibility, messageActions } from './message-actions.ts';
import { MessageStore } from './message-store.ts';
import { MoveTasks } from './move-tasks.ts';
import { createPoll } from './poll.ts';
import { queueActions } from './queue-actions.ts';
import { QueueStore, type Queue } from './queue-store.ts';
import { readHandle } from './receipt.ts';
import { lambdaRecord, type ReceivedMessage } from './receive.ts';
import { SQS_SCHEMA } from './schema.ts';
import { newMessage } from './send.ts';
import { Waiters } from './waiters.ts';

export type { ReceivedMessage } from './receive.ts';

export interface SqsService extends JsonService {
  /** Puts a message on a queue from inside the process. @throws AwsError QueueDoesNotExist, InvalidMessageContents */
  readonly sendToQueue: SendToQueue;
  /**
   * Takes up to `max` messages for an event source mapping, waiting up to `waitMs`; never rejects because of the signal.
   * @throws AwsError QueueDoesNotExist
   */
  readonly receive: (
    queueArn: string,
    options: { max: number; waitMs: number; signal: AbortSignal },
  ) => Promise<ReceivedMessage[]>;
  readonly remove: (queueArn: string, receiptHandles: readonly string[]) => void;
  /** @param seconds from now until the message may be received again, 0 to 43,200 */
  readonly changeVisibility: (queueArn: string, receiptHandle: string, seconds: number) => void;
  /** Gives back what mappings of an earlier run had taken. Called once by `createSqs`, when no mapping can be running. */
  readonly releaseMapped: () => void;
  /** Creates a queue, or gives an existing one the attributes (and tags) that its stack declares now. */
  readonly createQueue: (
    name: string,
    options?: { attributes?: Readonly<Record<string, string>>; tags?: Readonly<Record<string, string>> },
  ) => { readonly arn: string; readonly url: string };
  /** Numbers of messages per queue name. */
  readonly stats: () => Record<string, { visible: number; notVisible: number; delayed: number }>;
}

/** Amazon SQS over the JSON protocol, in `dataDir/sqs.sqlite`. What it has acknowledged survives `kill -9`. */
export function createSqs(context: CloudContext): SqsService {
  const database = openDatabase(context.dataDir, 'sqs', SQS_SCHEMA);
  const waiters = new Map<number, Waiters>();
  const queues = new QueueStore(context, database);
  const messages = new MessageStore(context, database, { queues, wake: (id) => waiters.get(id)?.wake() });
  const tasks = new MoveTasks(context, database, { queues, messages });
  const waitersOf = (id: number): Waiters => {
    const known = waiters.get(id) ?? new Waiters(() => messages.nextVisibleIn(id));
    waiters.set(id, known);
    return known;
  };
  const poll = createPoll({ queues, messages, waitersOf });
  const deleteQueue = (queue: Queue): void => {
    queues.delete(queue);
    waiters.get(queue.id)?.close();
    waiters.delete(queue.id);
  };
  const byArn = (arn: string): Queue => {
    const queue = queues.findByArn(arn);
    if (!queue) throw queueDoesNotExist();
    return queue;
  };
  messages.releaseMapped();

  return {
    targetPrefix: 'AmazonSQS',
    contentType: 'application/x-amz-json-1.0',
    actions: {
      ...queueActions({ queues, messages, tasks, deleteQueue }),
      ...messageActions({ accountId: context.accountId, queues, messages, poll }),
    },
    sendToQueue: (queueArn, body, messageAttributes) => {
      const queue = byArn(queueArn);
      const entry = { MessageBody: body, ...(messageAttributes ? { MessageAttributes: messageAttributes } : {}) };
      messages.send(queue, [newMessage(queue, entry, context.accountId)]);
    },
    receive: async (queueArn, { max, waitMs, signal }) => {
      const queue = byArn(queueArn);
      const rows = await poll(queue.name, { max, waitMs, visibilityMs: undefined, isMapped: true, signal });
      return rows.map((row) => lambdaRecord(queue, row));
    },
    remove: (queueArn, receiptHandles) => {
      const queue = byArn(queueArn);
      messages.remove(
        queue,
        receiptHandles.map((handle) => readHandle(queue, handle)),
      );
    },
    changeVisibility: (queueArn, receiptHandle, seconds) => {
      changeVisibility(messages, byArn(queueArn), { ReceiptHandle: receiptHandle, VisibilityTimeout: seconds });
    },
    releaseMapped: () => {
      messages.releaseMapped();
    },
    createQueue: (name, { attributes = {}, tags = {} } = {}) => {
      const existing = queues.find(name);
      const queue = existing ? queues.setAttributes(existing, attributes) : queues.create(name, attributes, tags);
      if (existing) queues.setTags(queue, { ...queue.tags, ...tags });
      return { arn: queue.arn, url: queues.url(queue.name) };
    },
    stats: () => Object.fromEntries(queues.list().map((queue) => [queue.name, messages.counts(queue)])),
    close: () => {
      tasks.close();
      for (const queue of waiters.values()) queue.close();
      database.close();
    },
  };
}
