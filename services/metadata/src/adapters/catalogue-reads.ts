import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { TransientError } from '@darkroom/runtime/errors';
import { catalogueIndexes } from '@darkroom/types/catalogue';
import type { ImageRecord } from '@darkroom/types/image';
import { idBefore } from '../core/id-range.ts';
import type { GetImage, GetImages, IdsQuery, QueryIds } from '../ports.ts';
import { MalformedRecordError, parseRecord } from './records.ts';

/** Keys that one query reads when it must pass over other owners' images: about 130 KB of the index, 16 read units. */
const OWNER_SCAN_KEYS = 1_000;
/** Rounds for keys that a batch left out under throttling; the SDK has slept between its own retries already. */
const MAX_BATCH_ROUNDS = 5;

/** Strongly consistent: a client that deleted an image must not see it in its next call. */
export const createGetImage =
  (client: DynamoDBDocumentClient, table: string): GetImage =>
  async (imageId) => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { imageId }, ConsistentRead: true }));
    return Item === undefined ? undefined : parseRecord(Item);
  };

/** Parses what it can; what it cannot is handed to `onMalformed` and left out. */
const parseAll = (items: readonly unknown[], onMalformed: (error: Error) => void): ImageRecord[] =>
  items.flatMap((item) => {
    try {
      return [parseRecord(item)];
    } catch (error) {
      if (!(error instanceof MalformedRecordError)) throw error;
      onMalformed(error);
      return [];
    }
  });

export const createGetImages =
  (client: DynamoDBDocumentClient, table: string, onMalformed: (error: Error) => void): GetImages =>
  async (imageIds) => {
    const items: unknown[] = [];
    let keys: Record<string, unknown>[] = imageIds.map((imageId) => ({ imageId }));
    for (let round = 0; keys.length > 0; round += 1) {
      if (round === MAX_BATCH_ROUNDS)
        throw new TransientError(`the catalogue is busy: ${keys.length} images were not read`);
      const answer = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      items.push(...(answer.Responses?.[table] ?? []));
      keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return parseAll(items, onMalformed);
  };

const idsCommand = (table: string, { tenant, owner, from, upTo, limit }: IdsQuery): QueryCommand =>
  new QueryCommand({
    TableName: table,
    IndexName: catalogueIndexes.byTenant,
    KeyConditionExpression: '#tenant = :tenant AND #imageId BETWEEN :from AND :upTo',
    ...(owner !== null && { FilterExpression: '#owner = :owner' }),
    ExpressionAttributeNames: {
      '#tenant': 'tenant',
      '#imageId': 'imageId',
      ...(owner !== null && { '#owner': 'owner' }),
    },
    ExpressionAttributeValues: {
      ':tenant': tenant,
      ':from': from,
      ':upTo': upTo,
      ...(owner !== null && { ':owner': owner }),
    },
    ScanIndexForward: false,
    Limit: owner === null ? limit : OWNER_SCAN_KEYS,
  });

/** The index holds keys and owner only, so that a claim costs it one write unit and later changes none. */
export const createQueryIds =
  (client: DynamoDBDocumentClient, table: string): QueryIds =>
  async (query) => {
    const answer = await client.send(idsCommand(table, query));
    const found = (answer.Items ?? []).map((item) => String(item['imageId']));
    const ids = found.slice(0, query.limit);
    const last = answer.LastEvaluatedKey;
    const end = last === undefined ? undefined : String(last['imageId']);
    // Ids that were read and not handed out are read again by the next page.
    const reached = found.length > ids.length ? ids.at(-1) : end;
    return { ids, next: reached === undefined ? undefined : idBefore(reached) };
  };
