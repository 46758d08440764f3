import * as z from 'zod';
import { invalidParameter, missingParameter } from './errors.ts';

/** Message attributes and trace headers as they travel; binary values stay Base64. */
export const messageAttributeValue = z.object({
  DataType: z.string().optional(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});

export type MessageAttribute = z.infer<typeof messageAttributeValue>;
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const attributeNames = z.array(z.string()).optional();

export const sendEntry = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.number().optional(),
  MessageAttributes: z.record(z.string(), messageAttributeValue).optional(),
  MessageSystemAttributes: z.record(z.string(), messageAttributeValue).optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});

export type SendEntry = z.infer<typeof sendEntry>;

const inQueue = { QueueUrl: z.string() };
const stringMap = z.record(z.string(), z.string());
const batchOf = <T extends z.ZodRawShape>(entry: T) =>
  z.object({ ...inQueue, Entries: z.array(z.object({ Id: z.string(), ...entry })).default([]) });

const deleteEntry = { ReceiptHandle: z.string() };
const visibilityEntry = { ReceiptHandle: z.string(), VisibilityTimeout: z.number().optional() };

export const inputs = {
  CreateQueue: z.object({ QueueName: z.string(), Attributes: stringMap.default({}), tags: stringMap.default({}) }),
  GetQueueUrl: z.object({ QueueName: z.string() }),
  ListQueues: z.object({
    QueueNamePrefix: z.string().default(''),
    MaxResults: z.number().optional(),
    NextToken: z.string().optional(),
  }),
  inQueue: z.object(inQueue),
  GetQueueAttributes: z.object({ ...inQueue, AttributeNames: attributeNames }),
  SetQueueAttributes: z.object({ ...inQueue, Attributes: stringMap }),
  TagQueue: z.object({ ...inQueue, Tags: stringMap }),
  UntagQueue: z.object({ ...inQueue, TagKeys: z.array(z.string()) }),
  ListDeadLetterSourceQueues: z.object({
    ...inQueue,
    MaxResults: z.number().optional(),
    NextToken: z.string().optional(),
  }),
  SendMessage: sendEntry.extend(inQueue),
  SendMessageBatch: batchOf(sendEntry.shape),
  ReceiveMessage: z.object({
    ...inQueue,
    AttributeNames: attributeNames,
    MessageSystemAttributeNames: attributeNames,
    MessageAttributeNames: attributeNames,
    MaxNumberOfMessages: z.number().optional(),
    VisibilityTimeout: z.number().optional(),
    WaitTimeSeconds: z.number().optional(),
  }),
  DeleteMessage: z.object({ ...inQueue, ...deleteEntry }),
  DeleteMessageBatch: batchOf(deleteEntry),
  ChangeMessageVisibility: z.object({ ...inQueue, ...visibilityEntry, VisibilityTimeout: z.number() }),
  ChangeMessageVisibilityBatch: batchOf(visibilityEntry),
  StartMessageMoveTask: z.object({
    SourceArn: z.string(),
    DestinationArn: z.string().optional(),
    MaxNumberOfMessagesPerSecond: z.number().optional(),
  }),
  ListMessageMoveTasks: z.object({ SourceArn: z.string(), MaxResults: z.number().optional() }),
  CancelMessageMoveTask: z.object({ TaskHandle: z.string() }),
};

/**
 * Reads the input of an action.
 * @throws AwsError MissingParameter or InvalidParameterValue, naming the first parameter that is wrong
 */
export function readInput<T extends z.ZodType>(schema: T, input: Record<string, unknown>): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String) ?? [];
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input);
  if (value === undefined || value === null) throw missingParameter(path.join('.'));
  throw invalidParameter(path.join('.'), value, issue?.message ?? 'Has the wrong type');
}

/** A whole number within bounds, or undefined when it was not given. @throws AwsError InvalidParameterValue */
export function within(name: string, value: number | undefined, bounds: readonly [number, number]): number | undefined {
  if (value === undefined) return undefined;
  const [min, max] = bounds;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidParameter(name, value, `Must be between ${min} and ${max}, if provided`);
}
