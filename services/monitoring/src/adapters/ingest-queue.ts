import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Redrive } from '../ports.ts';

export const createRedrive =
  (client: SQSClient, queueUrl: string): Redrive =>
  async (message) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  };
