import { limits } from '@darkroom/types/limits';
import type { ImageTask, StoreResult } from '@darkroom/types/workflow';
import type { DelayMessage, QueueMessage, RunWorkflow } from '../ports.ts';
import { type Delivery, type Inbox, sortInbox } from './inbox.ts';
import { type TakenImage, type TakePorts, takeImage } from './take-image.ts';

export interface DispatchPorts extends TakePorts {
  readonly runWorkflow: RunWorkflow;
  readonly delay: DelayMessage;
  /** Counts messages of which some part could not be understood. */
  readonly countRejected: (messages: number) => void;
  readonly originalsBucket: string;
}

/** What Lambda asks of a function with ReportBatchItemFailures. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Messages to give back, each with the seconds until it may be seen again. */
type GivenBack = ReadonlyMap<QueueMessage, number>;

/** Images that one execution takes (`workflowInputSchema`); a message may name more than one, so a batch of ten may hold more. */
const MAX_IMAGES = 10;

/** Wait before the next try after `tries` tries, in seconds. Tries beyond the list wait as long as the last of it says. */
const backoffSeconds = (tries: number): number => {
  const { retryBackoffSeconds } = limits.pipeline;
  return retryBackoffSeconds[Math.min(tries, retryBackoffSeconds.length) - 1] ?? 0;
};

const giveBack = (messages: readonly QueueMessage[], seconds?: number): [QueueMessage, number][] =>
  messages.map((message) => [message, seconds ?? backoffSeconds(message.receiveCount)]);

/**
 * Poison is given back as well: nothing that cannot be understood is dropped. After five receives it rests in the
 * dead-letter queue, where an alarm calls somebody to look.
 */
const refuse = (ports: DispatchPorts, poisoned: Inbox['poisoned']): [QueueMessage, number][] => {
  for (const { message, complaints } of poisoned)
    ports.tell('error', 'message cannot be understood', { messageId: message.messageId, complaints });
  if (poisoned.length > 0) ports.countRejected(poisoned.length);
  return giveBack(poisoned.map(({ message }) => message));
};

interface Taken {
  readonly images: readonly TakenImage[];
  readonly givenBack: readonly [QueueMessage, number][];
}

/** Claims what the batch asks for, each image on its own: one that cannot be claimed now costs only its own messages. */
const takeAll = async (ports: DispatchPorts, images: Inbox['images']): Promise<Taken> => {
  const takeOne = async ([imageId, deliveries]: [string, readonly Delivery[]]): Promise<Taken> => {
    const [first, ...rest] = deliveries;
    if (first === undefined) return { images: [], givenBack: [] };
    try {
      const taken = await takeImage(ports, [first, ...rest]);
      return { images: taken ? [taken] : [], givenBack: [] };
    } catch (error) {
      ports.tell('error', 'image could not be claimed', { imageId, error });
      return { images: [], givenBack: giveBack(deliveries.map(({ message }) => message)) };
    }
  };
  const all = await Promise.all([...images].map(takeOne));
  return { images: all.flatMap((one) => one.images), givenBack: all.flatMap((one) => one.givenBack) };
};

const lacksEnd = (results: readonly StoreResult[], { imageId }: ImageTask): boolean => {
  const result = results.find((one) => one.imageId === imageId);
  return result === undefined || result.status === 'RETRY';
};

/** Runs one execution for up to ten images. Whatever did not come to an end is given back by its messages. */
const develop = async (ports: DispatchPorts, taken: readonly TakenImage[]): Promise<[QueueMessage, number][]> => {
  const images = taken.map(({ task }) => task);
  try {
    const results = await ports.runWorkflow({ schemaVersion: 1, images });
    const again = taken.filter(({ task }) => lacksEnd(results, task));
    return again.flatMap(({ task, guards }) => giveBack(guards, backoffSeconds(task.attempt)));
  } catch (error) {
    // The claims stay, and the redelivery of these messages proves them abandoned.
    ports.tell('error', 'execution did not succeed', { imageIds: images.map(({ imageId }) => imageId), error });
    return taken.flatMap(({ guards }) => giveBack(guards));
  }
};

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

const letGo = async (ports: DispatchPorts, givenBack: GivenBack): Promise<void> => {
  const delays = [...givenBack].map(async ([message, seconds]) => {
    try {
      await ports.delay(message.receiptHandle, seconds);
    } catch (error) {
      // It comes back all the same, only later: when its visibility timeout ends.
      ports.tell('warn', 'message could not be given back early', { messageId: message.messageId, error });
    }
  });
  await Promise.all(delays);
};

/**
 * Sees a batch through: reads the messages, claims their images, runs the workflow, and answers which messages must come
 * again. Never throws for what one message or one image did; a message is let go only when the catalogue holds the end of
 * every image it names, or somebody else's message guards it.
 */
export const dispatch = async (ports: DispatchPorts, messages: readonly QueueMessage[]): Promise<BatchAnswer> => {
  const inbox = sortInbox(messages, ports.originalsBucket);
  const refused = refuse(ports, inbox.poisoned);
  const taken = await takeAll(ports, inbox.images);
  const unfinished = await Promise.all(chunksOf(taken.images, MAX_IMAGES).map((images) => develop(ports, images)));
  const givenBack: GivenBack = new Map([...refused, ...taken.givenBack, ...unfinished.flat()]);
  await letGo(ports, givenBack);
  return { batchItemFailures: [...givenBack.keys()].map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
