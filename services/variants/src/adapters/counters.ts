import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ClaimStep, Clock, Counter, CountView, MarkQueued } from '../ports.ts';

/** A counter's life from its first view, in seconds: a week. What pays is measured by the week. */
export const COUNTER_SECONDS = 7 * 86_400;
/** How long a log file is remembered, in seconds: as long as SQS keeps a message about it. */
const LOG_SECONDS = 14 * 86_400;

export interface CounterTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly now: Clock;
}

const counterSchema = z.object({ views: z.number(), bytes: z.number(), queued: z.boolean().default(false) });

const nameOf = (key: string): string => `views#${key}`;
const inSeconds = (now: number, seconds: number): number => Math.floor(now / 1000) + seconds;

/** Undefined when the write's condition did not hold. Throws the SDK's other errors. */
const unlessRefused = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

/** Adds to a counter that has not ended. One that has ended and that TTL has not removed yet begins anew. */
export const createCountView = ({ client, table, now }: CounterTable): CountView => {
  const add = (key: string, { views, bytes }: { views: number; bytes: number }) =>
    unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { name: nameOf(key) },
          UpdateExpression: 'ADD #views :views, #bytes :bytes SET #expiresAt = if_not_exists(#expiresAt, :end)',
          ConditionExpression: 'attribute_not_exists(#expiresAt) OR #expiresAt > :now',
          ExpressionAttributeNames: { '#views': 'views', '#bytes': 'bytes', '#expiresAt': 'expiresAt' },
          ExpressionAttributeValues: {
            ':views': views,
            ':bytes': bytes,
            ':end': inSeconds(now(), COUNTER_SECONDS),
            ':now': inSeconds(now(), 0),
          },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
  return async (key, seen): Promise<Counter> => {
    const added = await add(key, seen);
    if (added !== undefined) {
      const { views, bytes, queued } = counterSchema.parse(added.Attributes);
      return { views, bytes, isQueued: queued };
    }
    const fresh = { name: nameOf(key), ...seenOf(seen), expiresAt: inSeconds(now(), COUNTER_SECONDS) };
    await client.send(new PutCommand({ TableName: table, Item: fresh }));
    return { ...seenOf(seen), isQueued: false };
  };
};

const seenOf = ({ views, bytes }: { views: number; bytes: number }) => ({ views, bytes });

export const createMarkQueued =
  ({ client, table }: CounterTable): MarkQueued =>
  async (key) => {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { name: nameOf(key) },
        UpdateExpression: 'SET #queued = :true',
        ExpressionAttributeNames: { '#queued': 'queued' },
        ExpressionAttributeValues: { ':true': true },
      }),
    );
  };

/** A file's item holds the number of its next step: a step is claimed by counting on from it. */
export const createClaimStep =
  ({ client, table, now }: CounterTable): ClaimStep =>
  async (file, step) => {
    const claimed = await unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { name: `log#${file}` },
          UpdateExpression: 'SET #next = :next, #expiresAt = :end',
          ConditionExpression: step === 0 ? 'attribute_not_exists(#next)' : '#next = :step',
          ExpressionAttributeNames: { '#next': 'next', '#expiresAt': 'expiresAt' },
          ExpressionAttributeValues: {
            ':next': step + 1,
            ':end': inSeconds(now(), LOG_SECONDS),
            ...(step > 0 && { ':step': step }),
          },
        }),
      ),
    );
    return claimed !== undefined;
  };
