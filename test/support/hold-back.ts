import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { clientConfig } from './aws.ts';

/** Makes the record of a READY image what StoreReview would have made it, had moderation held it back. */
export const holdBack = async (endpoint: string, imageId: string): Promise<void> => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(endpoint)));
  await client.send(
    new UpdateCommand({
      TableName: 'darkroom-local-catalogue',
      Key: { imageId },
      UpdateExpression: 'SET #status = :review, #variants = :none, #moderation.#verdict = :verdict',
      ConditionExpression: '#status = :ready',
      ExpressionAttributeNames: {
        '#status': 'status',
        '#variants': 'variants',
        '#moderation': 'moderation',
        '#verdict': 'verdict',
      },
      ExpressionAttributeValues: { ':review': 'REVIEW', ':ready': 'READY', ':none': [], ':verdict': 'review' },
    }),
  );
  client.destroy();
};
