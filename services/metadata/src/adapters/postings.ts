import { BatchWriteCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { TransientError } from '@darkroom/runtime/errors';
import type { Posting } from '../core/search/terms.ts';
import type { DeletePostings, FoundPosting, QueryPostings, WritePostings } from '../ports.ts';

/** DynamoDB's limit of one batch. */
const BATCH = 25;
/** Rounds for what a batch left out under throttling; the SDK has slept between its own retries already. */
const MAX_BATCH_ROUNDS = 5;

type Request = { PutRequest: { Item: Record<string, unknown> } } | { DeleteRequest: { Key: Record<string, unknown> } };

interface PostingsTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/** One batch after the other: an image has one or two, and the sum of many callers finds DynamoDB's pace. */
const writeAll = async ({ client, table }: PostingsTable, requests: readonly Request[]): Promise<void> => {
  for (let from = 0; from < requests.length; from += BATCH) {
    let left: readonly unknown[] = requests.slice(from, from + BATCH);
    for (let round = 0; left.length > 0; round += 1) {
      if (round === MAX_BATCH_ROUNDS)
        throw new TransientError(`the search index is busy: ${left.length} postings are left`);
      const answer = await client.send(new BatchWriteCommand({ RequestItems: { [table]: left as Request[] } }));
      left = answer.UnprocessedItems?.[table] ?? [];
    }
  }
};

/** Each posting an item of its own: no two writers meet on one. */
export const createWritePostings =
  (postingsTable: PostingsTable): WritePostings =>
  (postings) =>
    writeAll(
      postingsTable,
      postings.map((posting) => ({ PutRequest: { Item: { ...posting } } })),
    );

const keyOf = ({ term, imageId }: Posting) => ({ term, imageId });

export const createDeletePostings =
  (postingsTable: PostingsTable): DeletePostings =>
  (postings) =>
    writeAll(
      postingsTable,
      postings.map((posting) => ({ DeleteRequest: { Key: keyOf(posting) } })),
    );

const foundIn = ({ imageId, hash }: Record<string, unknown>): FoundPosting => ({
  imageId: String(imageId),
  ...(typeof hash === 'string' && { hash }),
});

/** Eventually consistent, at half the price: what is found is read from the catalogue, consistently, before it is shown. */
export const createQueryPostings =
  ({ client, table }: PostingsTable): QueryPostings =>
  async ({ term, from, upTo, limit }) => {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#term = :term AND #imageId BETWEEN :from AND :upTo',
        ProjectionExpression: '#imageId, #hash',
        ExpressionAttributeNames: { '#term': 'term', '#imageId': 'imageId', '#hash': 'hash' },
        ExpressionAttributeValues: { ':term': term, ':from': from, ':upTo': upTo },
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
    const last = answer.LastEvaluatedKey;
    return {
      postings: (answer.Items ?? []).map(foundIn),
      last: last === undefined ? undefined : String(last['imageId']),
    };
  };
