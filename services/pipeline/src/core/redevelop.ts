import { imageIdSchema } from '@darkroom/types/ids';
import type { ImageRecord } from '@darkroom/types/image';
import type { WorkflowOutput } from '@darkroom/types/workflow';
import * as z from 'zod';
import type { DelayMessage, QueueMessage, Tell } from '../ports.ts';
import type { BatchAnswer } from './dispatch.ts';
import { planRedevelop, type RedevelopTask } from './redevelop-plan.ts';

/** What the reprocess queue holds: one image to look at again. */
export const redevelopMessageSchema = z.strictObject({ kind: z.literal('redevelop'), imageId: imageIdSchema });
export type RedevelopMessage = z.infer<typeof redevelopMessageSchema>;

/** Seconds until an image that failed is tried again, by how often it was. */
const RETRY_SECONDS = 60;

export interface RedevelopPorts {
  readonly findImage: (imageId: string) => Promise<ImageRecord | undefined>;
  readonly runWorkflow: (input: { images: readonly RedevelopTask[] }) => Promise<WorkflowOutput>;
  readonly delay: DelayMessage;
  readonly tell: Tell;
  readonly ladderRevision: number;
}

const imageIdOf = (body: string): string | undefined => {
  try {
    return redevelopMessageSchema.parse(JSON.parse(body)).imageId;
  } catch {
    // Told by the caller; after its receives the message rests in the dead-letter queue.
    return undefined;
  }
};

interface Looked {
  readonly message: QueueMessage;
  /** Undefined: the message is done with. */
  readonly task?: RedevelopTask | undefined;
  readonly failed?: true;
}

const look = async (ports: RedevelopPorts, message: QueueMessage): Promise<Looked> => {
  const imageId = imageIdOf(message.body);
  if (imageId === undefined) {
    ports.tell('error', 'message cannot be understood', { messageId: message.messageId });
    return { message, failed: true };
  }
  try {
    return { message, task: planRedevelop(await ports.findImage(imageId), ports.ladderRevision) };
  } catch (error) {
    ports.tell('error', 'image could not be read', { imageId, error });
    return { message, failed: true };
  }
};

/** Ids of the images that were not brought to an end; all of them when the execution failed. */
const run = async (ports: RedevelopPorts, images: readonly RedevelopTask[]): Promise<ReadonlySet<string>> => {
  const ids = images.map(({ task }) => task.imageId);
  if (images.length === 0) return new Set();
  try {
    const results = await ports.runWorkflow({ images });
    const ended = new Set(results.filter(({ status }) => status !== 'RETRY').map(({ imageId }) => imageId));
    return new Set(ids.filter((imageId) => !ended.has(imageId)));
  } catch (error) {
    ports.tell('error', 'execution did not succeed', { imageIds: ids, error });
    return new Set(ids);
  }
};

const giveBack = async (ports: RedevelopPorts, message: QueueMessage): Promise<{ itemIdentifier: string }> => {
  try {
    await ports.delay(message.receiptHandle, RETRY_SECONDS * message.receiveCount);
  } catch (error) {
    // It comes back all the same, only later: when its visibility timeout ends.
    ports.tell('warn', 'message could not be given back early', { messageId: message.messageId, error });
  }
  return { itemIdentifier: message.messageId };
};

/**
 * Renders the images of a batch again whose version is not that of the ladder. They stay READY, and are served under their old version
 * until the new one is whole. Nobody claims them: of two that work on one image at the same time both write the same files,
 * and the record is swapped once. Never throws for what one message or image did.
 */
export const redevelop = async (ports: RedevelopPorts, messages: readonly QueueMessage[]): Promise<BatchAnswer> => {
  const looked = await Promise.all(messages.map((message) => look(ports, message)));
  const tasks = new Map(looked.flatMap(({ task }) => (task === undefined ? [] : [[task.task.imageId, task] as const])));
  const unfinished = await run(ports, [...tasks.values()]);
  const again = looked.filter(
    ({ task, failed }) => failed === true || (task !== undefined && unfinished.has(task.task.imageId)),
  );
  return { batchItemFailures: await Promise.all(again.map(({ message }) => giveBack(ports, message))) };
};
