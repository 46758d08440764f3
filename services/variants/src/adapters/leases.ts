import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock, ReleaseLease, TakeLease } from '../ports.ts';

/**
 * How long a lease holds, in milliseconds: longer than nearly every rendition takes. A holder that takes longer still shares its
 * work with the next one, which does no harm; one that died is waited for no longer than this.
 */
export const LEASE_MS = 10_000;
/** DynamoDB's TTL may remove a lease from this long after its end on, in seconds; `until` alone decides. */
const KEPT_SECONDS = 60;

export interface LeaseTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly now: Clock;
}

const nameOf = (key: string): string => `lease#${key}`;

/** The answer to a conditional write: false when its condition did not hold. Throws the SDK's other errors. */
const held = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/** A lease is one item, taken by one conditional write: when there is none, or its time is over. */
export const createTakeLease =
  ({ client, table, now }: LeaseTable): TakeLease =>
  async (key) => {
    const holder = randomUUID();
    const until = now() + LEASE_MS;
    const isTaken = await held(
      client.send(
        new PutCommand({
          TableName: table,
          Item: { name: nameOf(key), holder, until, expiresAt: Math.ceil(until / 1000) + KEPT_SECONDS },
          ConditionExpression: 'attribute_not_exists(#name) OR #until < :now',
          ExpressionAttributeNames: { '#name': 'name', '#until': 'until' },
          ExpressionAttributeValues: { ':now': now() },
        }),
      ),
    );
    return isTaken ? { key, holder } : undefined;
  };

export const createReleaseLease =
  ({ client, table }: LeaseTable): ReleaseLease =>
  async ({ key, holder }) => {
    await held(
      client.send(
        new DeleteCommand({
          TableName: table,
          Key: { name: nameOf(key) },
          ConditionExpression: '#holder = :holder',
          ExpressionAttributeNames: { '#holder': 'holder' },
          ExpressionAttributeValues: { ':holder': holder },
        }),
      ),
    );
  };
