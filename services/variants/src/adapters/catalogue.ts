import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { imageRecordSchema } from '@darkroom/types/image';
import type { FindImage } from '../ports.ts';

/** The catalogue's table, read by id with the latest state. Throws ZodError when a record is malformed, and the SDK's errors. */
export const createFindImage =
  (documents: DynamoDBDocumentClient, tableName: () => Promise<string>): FindImage =>
  async (imageId) => {
    const answer = await documents.send(
      new GetCommand({ TableName: await tableName(), Key: { imageId }, ConsistentRead: true }),
    );
    return answer.Item === undefined ? undefined : imageRecordSchema.parse(answer.Item);
  };
