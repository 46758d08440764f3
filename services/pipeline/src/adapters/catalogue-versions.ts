import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { TransientError } from '@darkroom/runtime/errors';
import { catalogueIndexes } from '@darkroom/types/catalogue';
import { imageRecordSchema, imageStatusSchema } from '@darkroom/types/image';
import * as z from 'zod';
import type { RedevelopPorts } from '../core/redevelop.ts';
import type { StartPorts } from '../core/start-reprocess.ts';

export interface Catalogue {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/** Rounds for keys that a batch left out under throttling; the SDK has slept between its own retries already. */
const MAX_ROUNDS = 5;

const stateSchema = z.object({
  imageId: z.string(),
  tenant: z.string(),
  status: imageStatusSchema,
  metadata: z.object({ sha256: z.string(), version: z.string() }).nullable(),
});

/** One image as it is now. Throws ZodError when its record is malformed. */
export const createFindImage =
  ({ client, table }: Catalogue): RedevelopPorts['findImage'] =>
  async (imageId) => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { imageId }, ConsistentRead: true }));
    return Item === undefined ? undefined : imageRecordSchema.parse(Item);
  };

/** The index holds keys and owner only, and a query reads no more of it than `limit` keys. */
export const createIdsAfter =
  ({ client, table }: Catalogue): StartPorts['idsAfter'] =>
  async (tenant, after, limit) => {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: catalogueIndexes.byTenant,
        KeyConditionExpression: after === undefined ? '#tenant = :tenant' : '#tenant = :tenant AND #imageId > :after',
        ExpressionAttributeNames: { '#tenant': 'tenant', ...(after !== undefined && { '#imageId': 'imageId' }) },
        ExpressionAttributeValues: { ':tenant': tenant, ...(after !== undefined && { ':after': after }) },
        ScanIndexForward: true,
        Limit: limit,
      }),
    );
    return (answer.Items ?? []).map((item) => String(item['imageId']));
  };

/** Read with what consistency is cheap: who redevelops an image looks again. Throws TransientError when the table stays busy. */
export const createStatesOf =
  ({ client, table }: Catalogue): StartPorts['statesOf'] =>
  async (imageIds) => {
    const items: unknown[] = [];
    let keys: Record<string, unknown>[] = imageIds.map((imageId) => ({ imageId }));
    for (let round = 0; keys.length > 0; round += 1) {
      if (round === MAX_ROUNDS) throw new TransientError(`the catalogue is busy: ${keys.length} images were not read`);
      const request = {
        Keys: keys,
        ProjectionExpression: '#imageId, #tenant, #status, #metadata',
        ExpressionAttributeNames: {
          '#imageId': 'imageId',
          '#tenant': 'tenant',
          '#status': 'status',
          '#metadata': 'metadata',
        },
      };
      const answer = await client.send(new BatchGetCommand({ RequestItems: { [table]: request } }));
      items.push(...(answer.Responses?.[table] ?? []));
      keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return items.map((item) => stateSchema.parse(item));
  };
