import { AwsError } from '../service.ts';
import type { MessageAttributes } from './input.ts';
import { md5OfAttributes, selectAttributes } from './message-content.ts';
import type { MessageRow } from './message-store.ts';
import type { Queue } from './queue-store.ts';
import { writeHandle } from './receipt.ts';

/** One message as the records of Lambda's SQS events have it. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
}

/** Digits of a FIFO sequence number, as AWS pads them. */
const SEQUENCE_DIGITS = 20;
const SYSTEM_NAMES = new Set([
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
]);

/** @throws AwsError InvalidAttributeName */
export function checkSystemNames(names: readonly string[]): void {
  const unknown = names.find((name) => !SYSTEM_NAMES.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
}

/** All system attributes of a message; times in milliseconds since the epoch. */
function systemAttributes(queue: Queue, row: MessageRow): Record<string, string> {
  return {
    ...(JSON.parse(row.system) as Record<string, string>),
    SentTimestamp: String(row.sentAt),
    ApproximateReceiveCount: String(row.receiveCount),
    ...(row.firstReceivedAt === null ? {} : { ApproximateFirstReceiveTimestamp: String(row.firstReceivedAt) }),
    ...(queue.isFifo ? { SequenceNumber: String(row.seq).padStart(SEQUENCE_DIGITS, '0') } : {}),
    ...(row.sourceArn === null ? {} : { DeadLetterQueueSourceArn: row.sourceArn }),
  };
}

/** A message as ReceiveMessage answers it, with the attributes that were asked for. */
export function receivedMessage(
  queue: Queue,
  row: MessageRow,
  wanted: { system: readonly string[]; message: readonly string[] },
): Record<string, unknown> {
  const system =
    wanted.system.length === 0
      ? []
      : Object.entries(systemAttributes(queue, row)).filter(([name]) =>
          wanted.system.some((want) => want === 'All' || want === name),
        );
  const attributes =
    row.attributes === null ? {} : selectAttributes(JSON.parse(row.attributes) as MessageAttributes, wanted.message);
  return {
    MessageId: row.messageId,
    ReceiptHandle: writeHandle(queue.id, row),
    MD5OfBody: row.bodyMd5,
    Body: row.body,
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) }
      : {}),
  };
}

/** A message as Lambda hands it to a function. */
export function lambdaRecord(queue: Queue, row: MessageRow): ReceivedMessage {
  const attributes = row.attributes === null ? {} : (JSON.parse(row.attributes) as MessageAttributes);
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        ...(StringValue === undefined ? {} : { stringValue: StringValue }),
        ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  );
  return {
    messageId: row.messageId,
    receiptHandle: writeHandle(queue.id, row),
    body: row.body,
    attributes: systemAttributes(queue, row),
    messageAttributes,
    md5OfBody: row.bodyMd5,
  };
}
