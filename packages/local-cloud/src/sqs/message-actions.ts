import { AwsError, type ActionRequest, type JsonAction } from '../service.ts';
import { milliseconds } from './attributes.ts';
import { checkEntries, eachEntry } from './batch.ts';
import { invalidParameter, missingParameter } from './errors.ts';
import { inputs, readInput, within } from './input.ts';
import { MAX_BATCH_BYTES, sizeOf } from './message-content.ts';
import type { MessageStore } from './message-store.ts';
import type { Poll } from './poll.ts';
import type { Queue, QueueStore } from './queue-store.ts';
import { readHandle, type Receipt } from './receipt.ts';
import { checkSystemNames, receivedMessage } from './receive.ts';
import { newMessage, sendResult } from './send.ts';

export interface MessageActionParts {
  readonly accountId: string;
  readonly queues: QueueStore;
  readonly messages: MessageStore;
  readonly poll: Poll;
}

const MAX_VISIBILITY_SECONDS = 43_200;
const MAX_WAIT_SECONDS = 20;
const MAX_RECEIVE = 10;

/** Actions on messages. */
export function messageActions(parts: MessageActionParts): Record<string, JsonAction> {
  return {
    ...sendActions(parts),
    ...deleteActions(parts),
    ...visibilityActions(parts),
    ReceiveMessage: receive(parts),
  };
}

function sendActions({ accountId, queues, messages }: MessageActionParts): Record<string, JsonAction> {
  return {
    SendMessage: (raw) => {
      const input = readInput(inputs.SendMessage, raw);
      const queue = queues.byUrl(input.QueueUrl);
      const [sent] = messages.send(queue, [newMessage(queue, input, accountId)]);
      return sent && sendResult(input, sent);
    },
    SendMessageBatch: (raw) => {
      const { QueueUrl, Entries } = readInput(inputs.SendMessageBatch, raw);
      const queue = queues.byUrl(QueueUrl);
      checkEntries(Entries, 'SendMessageBatchRequestEntry');
      const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
      if (bytes > MAX_BATCH_BYTES) {
        throw new AwsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
        );
      }
      const { done, failed } = eachEntry(Entries, (entry) => newMessage(queue, entry, accountId));
      const stored =
        done.length > 0
          ? messages.send(
              queue,
              done.map(({ result }) => result),
            )
          : [];
      const Successful = stored.map((sent, index) => {
        const entry = done[index]?.entry;
        return entry && { Id: entry.Id, ...sendResult(entry, sent) };
      });
      return { Successful, Failed: failed };
    },
  };
}

function receive({ queues, poll }: MessageActionParts): JsonAction {
  return async (raw, request: ActionRequest) => {
    const input = readInput(inputs.ReceiveMessage, raw);
    const queue = queues.byUrl(input.QueueUrl);
    const max = within('MaxNumberOfMessages', input.MaxNumberOfMessages, [1, MAX_RECEIVE]) ?? 1;
    const wait = within('WaitTimeSeconds', input.WaitTimeSeconds, [0, MAX_WAIT_SECONDS]);
    const visibility = within('VisibilityTimeout', input.VisibilityTimeout, [0, MAX_VISIBILITY_SECONDS]);
    const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
    checkSystemNames(system);
    const rows = await poll(queue.name, {
      max,
      waitMs: wait === undefined ? milliseconds(queue.attributes, 'ReceiveMessageWaitTimeSeconds') : wait * 1000,
      visibilityMs: visibility === undefined ? undefined : visibility * 1000,
      isMapped: false,
      signal: request.signal,
    });
    if (rows.length === 0) return {};
    const wanted = { system, message: input.MessageAttributeNames ?? [] };
    return { Messages: rows.map((row) => receivedMessage(queue, row, wanted)) };
  };
}

/** A message of a FIFO queue can only be deleted by its latest handle, and only while that one holds. */
function deletable(queue: Queue, handle: string, messages: MessageStore): Receipt {
  const receipt = readHandle(queue, handle);
  const row = queue.isFifo ? messages.find(queue, receipt) : undefined;
  if (row && row.receiveCount !== receipt.receiveCount) {
    throw invalidParameter('ReceiptHandle', handle, 'The receipt handle has expired');
  }
  return receipt;
}

function deleteActions({ queues, messages }: MessageActionParts): Record<string, JsonAction> {
  return {
    DeleteMessage: (raw) => {
      const { QueueUrl, ReceiptHandle } = readInput(inputs.DeleteMessage, raw);
      const queue = queues.byUrl(QueueUrl);
      messages.remove(queue, [deletable(queue, ReceiptHandle, messages)]);
      return {};
    },
    DeleteMessageBatch: (raw) => {
      const { QueueUrl, Entries } = readInput(inputs.DeleteMessageBatch, raw);
      const queue = queues.byUrl(QueueUrl);
      checkEntries(Entries, 'DeleteMessageBatchRequestEntry');
      const { done, failed } = eachEntry(Entries, (entry) => deletable(queue, entry.ReceiptHandle, messages));
      if (done.length > 0)
        messages.remove(
          queue,
          done.map(({ result }) => result),
        );
      return { Successful: done.map(({ entry: { Id } }) => ({ Id })), Failed: failed };
    },
  };
}

function visibilityActions(parts: MessageActionParts): Record<string, JsonAction> {
  const { queues, messages } = parts;
  return {
    ChangeMessageVisibility: (raw) => {
      const input = readInput(inputs.ChangeMessageVisibility, raw);
      changeVisibility(messages, queues.byUrl(input.QueueUrl), input);
      return {};
    },
    ChangeMessageVisibilityBatch: (raw) => {
      const { QueueUrl, Entries } = readInput(inputs.ChangeMessageVisibilityBatch, raw);
      const queue = queues.byUrl(QueueUrl);
      checkEntries(Entries, 'ChangeMessageVisibilityBatchRequestEntry');
      const { done, failed } = eachEntry(Entries, (entry) => {
        changeVisibility(messages, queue, entry);
      });
      return { Successful: done.map(({ entry: { Id } }) => ({ Id })), Failed: failed };
    },
  };
}

/** @throws AwsError ReceiptHandleIsInvalid, MessageNotInflight, InvalidParameterValue */
export function changeVisibility(
  messages: MessageStore,
  queue: Queue,
  input: { ReceiptHandle: string; VisibilityTimeout?: number | undefined },
): void {
  const seconds = within('VisibilityTimeout', input.VisibilityTimeout, [0, MAX_VISIBILITY_SECONDS]);
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  const receipt = readHandle(queue, input.ReceiptHandle);
  const row = messages.find(queue, receipt);
  if (!row) {
    const reason = 'Message does not exist or is not available for visibility timeout change';
    throw invalidParameter('ReceiptHandle', input.ReceiptHandle, reason);
  }
  if (!messages.isInFlight(row)) {
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  }
  messages.hide(queue, receipt, seconds * 1000);
}
