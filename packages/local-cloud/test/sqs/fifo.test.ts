import { DeleteMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { sqsLab, type SqsLab } from './support.ts';

describe('SQS FIFO queues', () => {
  let lab: SqsLab;
  let QueueUrl: string;
  beforeAll(async () => {
    lab = await sqsLab();
  });
  beforeEach(async () => {
    QueueUrl = await lab.createQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  });
  afterAll(() => lab.end());

  const send = (MessageBody: string, MessageGroupId: string, MessageDeduplicationId?: string) =>
    lab.client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId }));

  it('delivers the messages of a group in order, several in one call', async () => {
    for (const body of ['1', '2', '3']) await send(body, 'g');

    const bodies = (await lab.receive(QueueUrl, { MaxNumberOfMessages: 10 })).map(({ Body }) => Body);

    expect(bodies).toEqual(['1', '2', '3']);
  });

  it('gives out nothing of a group while one of its messages is in flight; other groups go on', async () => {
    await send('a1', 'a');
    await send('a2', 'a');
    await send('b1', 'b');

    const [first] = await lab.receive(QueueUrl);
    const others = await lab.receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const waiting = lab.receive(QueueUrl, { WaitTimeSeconds: 10 });
    await lab.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first!.ReceiptHandle }));

    expect(first!.Body).toBe('a1');
    expect(others.map(({ Body }) => Body)).toEqual(['b1']);
    expect((await waiting)[0]!.Body).toBe('a2');
  });

  it('takes a message once in five minutes, by its deduplication id or its content', async () => {
    const first = await send('x', 'g', 'same');
    const second = await send('y', 'g', 'same');
    await send('content', 'g');
    await send('content', 'g');

    const received = await lab.receive(QueueUrl, { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] });

    expect(second.MessageId).toBe(first.MessageId);
    expect(second.SequenceNumber).toBe(first.SequenceNumber);
    expect(received.map(({ Body }) => Body)).toEqual(['x', 'content']);
    expect(received[0]!.Attributes).toMatchObject({ MessageGroupId: 'g', MessageDeduplicationId: 'same' });
  });

  it('wants a group, and an id where content does not make one', async () => {
    const strict = await lab.createQueue({ FifoQueue: 'true' });
    const withoutGroup = new SendMessageCommand({ QueueUrl: strict, MessageBody: 'x', MessageDeduplicationId: '1' });
    const withoutId = new SendMessageCommand({ QueueUrl: strict, MessageBody: 'x', MessageGroupId: 'g' });

    await expect(lab.client.send(withoutGroup)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    await expect(lab.client.send(withoutId)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});
