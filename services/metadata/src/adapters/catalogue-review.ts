import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { leaseShardOf } from '@darkroom/types/catalogue';
import type { Review } from '@darkroom/types/image';
import { reasonOf } from '@darkroom/types/rejection';
import type { Decided, WriteReview } from '../ports.ts';
import { HOLDER_ATTRIBUTES, updated, updateOf } from './catalogue-writes.ts';
import { parseRecord } from './records.ts';

/**
 * An approved image is PROCESSING under a lease that was over before it began: the sweeper puts it on the ingest queue within a minute,
 * and finds it again should the message be lost. So this stack needs to know no queue, and the decision is one write.
 */
const approved = (imageId: string) => ({
  status: 'PROCESSING',
  terminalAt: null,
  leaseShard: leaseShardOf(imageId),
  leaseUntil: 0,
});

const rejected = (at: string) => ({ status: 'REJECTED', terminalAt: at, reason: reasonOf('NOT_ALLOWED') });

const setOf = ({ record, decision, at }: Decided) => {
  // Fences off whoever wrote REVIEW: the answer of that write may have been lost, and it would come again.
  const attempt = record.attempt + 1;
  const review: Review = { decision, at, etag: record.etag, attempt };
  return { ...(decision === 'approve' ? approved(record.imageId) : rejected(at)), attempt, review, updatedAt: at };
};

export const createWriteReview =
  (client: DynamoDBDocumentClient, table: string): WriteReview =>
  async (decided) => {
    const { imageId, attempt, etag } = decided.record;
    const update = updateOf(setOf(decided), HOLDER_ATTRIBUTES);
    const written = await updated(client, {
      TableName: table,
      Key: { imageId },
      UpdateExpression: update.UpdateExpression,
      ConditionExpression: '#status = :inReview AND #attempt = :seenAttempt AND #etag = :seenEtag',
      ExpressionAttributeNames: { ...update.names, '#etag': 'etag' },
      ExpressionAttributeValues: {
        ...update.values,
        ':inReview': 'REVIEW',
        ':seenAttempt': attempt,
        ':seenEtag': etag,
      },
      ReturnValues: 'ALL_NEW',
    });
    return written === undefined ? undefined : parseRecord(written);
  };
