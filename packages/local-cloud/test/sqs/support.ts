import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
  type QueueAttributeName,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { testCloud } from '../support/cloud.ts';

/** True when the suite runs against another server than the embedded stand-in. */
export const isForeign = process.env.DARKROOM_TEST_ENDPOINT !== undefined;

/** A client of the server under test (or of the one given), and queues with unique names that are gone afterwards. */
export async function sqsLab(given?: Awaited<ReturnType<typeof testCloud>>) {
  const cloud = given ?? (await testCloud());
  const client = new SQSClient({ ...cloud.clientConfig, useQueueUrlAsEndpoint: false, maxAttempts: 1 });
  const urls: string[] = [];

  const createQueue = async (Attributes: Partial<Record<QueueAttributeName, string>> = {}): Promise<string> => {
    const QueueName = `t-${randomUUID()}${Attributes.FifoQueue === 'true' ? '.fifo' : ''}`;
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    urls.push(QueueUrl!);
    return QueueUrl!;
  };

  return {
    client,
    createQueue,
    /** A queue with a dead-letter queue behind it. */
    async createPair(maxReceiveCount: number, attributes: Partial<Record<QueueAttributeName, string>> = {}) {
      const deadLetters = await createQueue();
      const deadLetterTargetArn = await arnOf(client, deadLetters);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
      return { queue: await createQueue({ ...attributes, RedrivePolicy }), deadLetters, deadLetterTargetArn };
    },
    send: (QueueUrl: string, MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl, MessageBody })),
    async receive(QueueUrl: string, input: Omit<ReceiveMessageCommandInput, 'QueueUrl'> = {}): Promise<Message[]> {
      return (await client.send(new ReceiveMessageCommand({ QueueUrl, ...input }))).Messages ?? [];
    },
    async counts(QueueUrl: string): Promise<[visible: number, notVisible: number, delayed: number]> {
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      return [
        Number(Attributes?.ApproximateNumberOfMessages),
        Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
        Number(Attributes?.ApproximateNumberOfMessagesDelayed),
      ];
    },
    async end(): Promise<void> {
      for (const QueueUrl of urls) await client.send(new DeleteQueueCommand({ QueueUrl })).catch(() => undefined);
      client.destroy();
      if (!given) await cloud.stop();
    },
  };
}

export type SqsLab = Awaited<ReturnType<typeof sqsLab>>;

export async function arnOf(client: SQSClient, QueueUrl: string): Promise<string> {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes!.QueueArn!;
}

/** Asks until the answer pleases; the last answer either way. For what a server does in its own time. */
export async function eventually<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask();
    if (isDone(answer) || attempt === 100) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
