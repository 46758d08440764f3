import { milliseconds } from './attributes.ts';
import type { MessageRow, MessageStore } from './message-store.ts';
import type { QueueStore } from './queue-store.ts';
import type { Waiters } from './waiters.ts';

export interface PollOptions {
  readonly max: number;
  readonly waitMs: number;
  /** Undefined: the queue's own VisibilityTimeout. */
  readonly visibilityMs: number | undefined;
  readonly isMapped: boolean;
  readonly signal: AbortSignal;
}

/** Receives from a queue by name, waiting if it has to. @throws AwsError QueueDoesNotExist */
export type Poll = (queueName: string, options: PollOptions) => Promise<MessageRow[]>;

export function createPoll(parts: {
  queues: QueueStore;
  messages: MessageStore;
  waitersOf: (queueId: number) => Waiters;
}): Poll {
  return async (queueName, { max, waitMs, visibilityMs, isMapped, signal }) => {
    const take = (): MessageRow[] => {
      // Looked up at every try: attributes may have changed while the poll waited.
      const queue = parts.queues.get(queueName);
      const timeout = visibilityMs ?? milliseconds(queue.attributes, 'VisibilityTimeout');
      return parts.messages.take(queue, { max, visibilityMs: timeout, isMapped });
    };
    // A client that has gone takes no message with it.
    if (signal.aborted) return [];
    const rows = take();
    if (rows.length > 0 || waitMs <= 0) return rows;
    return parts.waitersOf(parts.queues.get(queueName).id).wait({ take, waitMs, signal });
  };
}
