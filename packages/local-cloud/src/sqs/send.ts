import { createHash } from 'node:crypto';
import { AwsError } from '../service.ts';
import { milliseconds } from './attributes.ts';
import { invalidParameter } from './errors.ts';
import { within, type SendEntry } from './input.ts';
import { checkMessage, md5OfAttributes } from './message-content.ts';
import type { NewMessage, SentMessage } from './message-store.ts';
import type { Queue } from './queue-store.ts';

/** Longest delay of a message, by SQS's documentation. */
const MAX_DELAY_SECONDS = 900;
const FIFO_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * A message that may be stored, from what the client sent.
 * @throws AwsError InvalidMessageContents, InvalidParameterValue, MissingParameter
 */
export function newMessage(queue: Queue, entry: SendEntry, senderId: string): NewMessage {
  checkMessage(entry, Number(queue.attributes.MaximumMessageSize));
  const delay = within('DelaySeconds', entry.DelaySeconds, [0, MAX_DELAY_SECONDS]);
  const fifo = queue.isFifo ? fifoFields(queue, entry) : undefined;
  return {
    body: entry.MessageBody,
    attributes: hasAny(entry.MessageAttributes) ? JSON.stringify(entry.MessageAttributes) : undefined,
    system: { SenderId: senderId, ...groupAttribute(entry), ...traceHeader(entry), ...fifo?.system },
    delayMs: delay === undefined ? milliseconds(queue.attributes, 'DelaySeconds') : fifoDelay(queue, delay),
    groupId: queue.isFifo ? entry.MessageGroupId : undefined,
    deduplicationKey: fifo?.key,
  };
}

const hasAny = (value: object | undefined): boolean => value !== undefined && Object.keys(value).length > 0;

/** FIFO queues take delays from the queue only. */
function fifoDelay(queue: Queue, seconds: number): number {
  if (queue.isFifo && seconds > 0) {
    throw invalidParameter(
      'DelaySeconds',
      seconds,
      'The request include parameter that is not valid for this queue type',
    );
  }
  return seconds * 1000;
}

/** Standard queues take a group, too: it makes them fair queues. Delivery here is in order of arrival either way. */
function groupAttribute(entry: SendEntry): Record<string, string> {
  return entry.MessageGroupId === undefined ? {} : { MessageGroupId: entry.MessageGroupId };
}

function traceHeader(entry: SendEntry): Record<string, string> {
  const names = Object.keys(entry.MessageSystemAttributes ?? {});
  const unknown = names.find((name) => name !== 'AWSTraceHeader');
  if (unknown !== undefined) {
    throw invalidParameter('MessageSystemAttributes', unknown, 'Only AWSTraceHeader can be sent');
  }
  const value = entry.MessageSystemAttributes?.AWSTraceHeader?.StringValue;
  return value === undefined ? {} : { AWSTraceHeader: value };
}

function fifoFields(queue: Queue, entry: SendEntry): { key: string; system: Record<string, string> } {
  const group = entry.MessageGroupId;
  if (group === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  if (!FIFO_ID.test(group))
    throw invalidParameter(
      'MessageGroupId',
      group,
      'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length',
    );
  const id = entry.MessageDeduplicationId ?? contentId(queue, entry.MessageBody);
  if (!FIFO_ID.test(id))
    throw invalidParameter(
      'MessageDeduplicationId',
      id,
      'MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length',
    );
  const perGroup = queue.attributes.DeduplicationScope === 'messageGroup';
  return { key: perGroup ? `${group} ${id}` : id, system: { MessageDeduplicationId: id } };
}

function contentId(queue: Queue, body: string): string {
  if (queue.attributes.ContentBasedDeduplication === 'true') return createHash('sha256').update(body).digest('hex');
  throw new AwsError(
    'InvalidParameterValue',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

/** What a client gets back for one sent message. */
export function sendResult(entry: SendEntry, sent: SentMessage): Record<string, unknown> {
  return {
    MessageId: sent.messageId,
    MD5OfMessageBody: sent.bodyMd5,
    MD5OfMessageAttributes: md5OfAttributes(entry.MessageAttributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(entry.MessageSystemAttributes),
    SequenceNumber: sent.sequenceNumber,
  };
}
