import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { catalogueIndexes } from '@darkroom/types/catalogue';
import { imageRecordSchema } from '@darkroom/types/image';
import type { DropLease, FindExpired, LeasedRecord, MoveLease, WriteFailed } from '../ports.ts';

/** Records of a shard in one sweep: at eight shards 2,000 a minute, within the function's time. The next sweep goes on. */
const PAGE = 250;

interface LeaseTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

const leased = (item: unknown): LeasedRecord => {
  const record = imageRecordSchema.parse(item);
  if (record.leaseUntil === undefined) throw new TypeError(`expected a lease on ${record.imageId} but received none`);
  return { ...record, leaseUntil: record.leaseUntil };
};

/** `onMalformed` hears of items that are no records; they are left out, so that one cannot stop the sweep of its shard. */
export const createFindExpired =
  ({ client, table }: LeaseTable, onMalformed: (item: unknown, error: unknown) => void): FindExpired =>
  async (shard, before) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: catalogueIndexes.byLease,
        KeyConditionExpression: '#leaseShard = :shard AND #leaseUntil < :before',
        ExpressionAttributeNames: { '#leaseShard': 'leaseShard', '#leaseUntil': 'leaseUntil' },
        ExpressionAttributeValues: { ':shard': shard, ':before': before },
        Limit: PAGE,
      }),
    );
    return Items.flatMap((item) => {
      try {
        return [leased(item)];
      } catch (error) {
        onMalformed(item['imageId'], error);
        return [];
      }
    });
  };

/** Runs a conditional update; undefined when its condition did not hold. */
const updated = async (
  client: DynamoDBDocumentClient,
  input: UpdateCommandInput,
): Promise<Record<string, unknown> | undefined> => {
  try {
    return (await client.send(new UpdateCommand({ ...input, ReturnValues: 'ALL_NEW' }))).Attributes ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

/** Nobody claimed, ended or swept the image since it was read. */
const UNTOUCHED = '#status = :PROCESSING AND #attempt = :attempt AND #leaseUntil = :seen';
const untouchedNames = { '#status': 'status', '#attempt': 'attempt', '#leaseUntil': 'leaseUntil' };
const untouchedValues = ({ attempt, leaseUntil }: LeasedRecord) => ({
  ':PROCESSING': 'PROCESSING',
  ':attempt': attempt,
  ':seen': leaseUntil,
});

export const createMoveLease =
  ({ client, table }: LeaseTable): MoveLease =>
  async (record, leaseUntil) => {
    const written = await updated(client, {
      TableName: table,
      Key: { imageId: record.imageId },
      UpdateExpression: 'SET #leaseUntil = :leaseUntil',
      ConditionExpression: UNTOUCHED,
      ExpressionAttributeNames: untouchedNames,
      ExpressionAttributeValues: { ...untouchedValues(record), ':leaseUntil': leaseUntil },
    });
    return written !== undefined;
  };

export const createWriteFailed =
  ({ client, table }: LeaseTable): WriteFailed =>
  async (record, reason, at) => {
    const written = await updated(client, {
      TableName: table,
      Key: { imageId: record.imageId },
      UpdateExpression:
        'SET #status = :FAILED, #reason = :reason, #terminalAt = :at, #updatedAt = :at REMOVE #claimMessageId, #claimReceiveCount',
      ConditionExpression: UNTOUCHED,
      ExpressionAttributeNames: {
        ...untouchedNames,
        '#reason': 'reason',
        '#terminalAt': 'terminalAt',
        '#updatedAt': 'updatedAt',
        '#claimMessageId': 'claimMessageId',
        '#claimReceiveCount': 'claimReceiveCount',
      },
      ExpressionAttributeValues: { ...untouchedValues(record), ':FAILED': 'FAILED', ':reason': reason, ':at': at },
    });
    return written === undefined ? undefined : leased(written);
  };

export const createDropLease =
  ({ client, table }: LeaseTable): DropLease =>
  async ({ imageId, leaseUntil }) => {
    await updated(client, {
      TableName: table,
      Key: { imageId },
      UpdateExpression: 'REMOVE #leaseShard, #leaseUntil',
      // A condition that fails means that a new claim has a lease of its own, or that there is none left to drop.
      ConditionExpression: '#status <> :PROCESSING AND #leaseUntil = :seen',
      ExpressionAttributeNames: { '#status': 'status', '#leaseShard': 'leaseShard', '#leaseUntil': 'leaseUntil' },
      ExpressionAttributeValues: { ':PROCESSING': 'PROCESSING', ':seen': leaseUntil },
    });
  };
