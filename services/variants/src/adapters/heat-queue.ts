import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { ReceiveHot, RemoveHot, SendHot } from '../ports.ts';

const hotSchema = z.strictObject({ key: z.string() });

const parseHot = (body: string): z.infer<typeof hotSchema> | undefined => {
  try {
    return hotSchema.parse(JSON.parse(body));
  } catch {
    // Told, and left to the dead-letter queue, by who receives it.
    return undefined;
  }
};

export const createSendHot =
  (client: SQSClient, queueUrl: string): SendHot =>
  async (hot) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(hot) }));
  };

export const createReceiveHot =
  (client: SQSClient, queueUrl: string): ReceiveHot =>
  async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 1 }),
    );
    const [message] = Messages;
    if (message?.ReceiptHandle === undefined) return undefined;
    return {
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle,
      hot: parseHot(message.Body ?? ''),
    };
  };

export const createRemoveHot =
  (client: SQSClient, queueUrl: string): RemoveHot =>
  async ({ receiptHandle }) => {
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
  };
