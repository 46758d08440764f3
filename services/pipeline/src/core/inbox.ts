import type { QueueMessage } from '../ports.ts';
import { type ImageRequest, parseMessage } from './messages.ts';

/** One message's request for one image. */
export interface Delivery {
  readonly request: ImageRequest;
  readonly message: QueueMessage;
}

/** A batch of messages, sorted by what must happen to them. */
export interface Inbox {
  /** Image id → everything the batch says about it, at least one delivery each. */
  readonly images: ReadonlyMap<string, readonly Delivery[]>;
  /** Messages with parts that cannot be understood, one sentence for each part. */
  readonly poisoned: readonly { readonly message: QueueMessage; readonly complaints: readonly string[] }[];
}

/**
 * Newest news first, so that a claim carries the highest sequencer; a notification before a redrive, because it knows more.
 * Text order is the order of canonical sequencers, and a redrive has an empty one.
 */
const byNews = (left: Delivery, right: Delivery): number =>
  left.request.sequencer === right.request.sequencer ? 0 : left.request.sequencer < right.request.sequencer ? 1 : -1;

/** Sorts a batch. `bucket` is the originals bucket. */
export const sortInbox = (messages: readonly QueueMessage[], bucket: string): Inbox => {
  const images = new Map<string, Delivery[]>();
  const poisoned: Inbox['poisoned'][number][] = [];
  for (const message of messages) {
    const { requests, complaints } = parseMessage(message.body, bucket);
    if (complaints.length > 0) poisoned.push({ message, complaints });
    for (const request of requests) {
      const deliveries = images.get(request.imageId) ?? [];
      images.set(request.imageId, [...deliveries, { request, message }].sort(byNews));
    }
  }
  return { images, poisoned };
};
