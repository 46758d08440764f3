import {
  CancelMessageMoveTaskCommand,
  DeleteMessageCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { arnOf, eventually, sqsLab, type SqsLab } from './support.ts';

describe('SQS dead-letter queues', () => {
  let lab: SqsLab;
  beforeAll(async () => {
    lab = await sqsLab();
  });
  afterAll(() => lab.end());

  /** Receives until the queue moves its message on. */
  const wearOut = async (queue: string, times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) await lab.receive(queue, { VisibilityTimeout: 0 });
  };

  it('moves a message when it would be received more often than maxReceiveCount', async () => {
    const { queue, deadLetters } = await lab.createPair(2);
    const sent = await lab.send(queue, 'poison');

    const first = await lab.receive(queue, { VisibilityTimeout: 0 });
    const second = await lab.receive(queue, { VisibilityTimeout: 0 });
    const third = await lab.receive(queue, { VisibilityTimeout: 0 });
    const [dead] = await lab.receive(deadLetters, { WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });

    expect([first.length, second.length, third.length]).toEqual([1, 1, 0]);
    expect(dead).toMatchObject({ MessageId: sent.MessageId, Body: 'poison' });
    expect(dead!.Attributes!.DeadLetterQueueSourceArn).toBe(await arnOf(lab.client, queue));
  });

  it('wakes a poll on the dead-letter queue and goes on to the next message', async () => {
    const { queue, deadLetters } = await lab.createPair(1);
    await lab.send(queue, 'poison');
    await wearOut(queue, 1);
    await lab.send(queue, 'good');

    const waiting = lab.receive(deadLetters, { WaitTimeSeconds: 10 });
    const received = await lab.receive(queue);

    expect(received.map(({ Body }) => Body)).toEqual(['good']);
    expect((await waiting)[0]!.Body).toBe('poison');
  });

  it('lists the queues that feed it', async () => {
    const { queue, deadLetters } = await lab.createPair(3);

    const { queueUrls } = await lab.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadLetters }));

    expect(queueUrls).toEqual([queue]);
  });

  it('refuses a policy whose queue does not exist', async () => {
    const QueueUrl = await lab.createQueue();
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:not-there',
      maxReceiveCount: 3,
    });

    const answer = lab.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it('moves dead letters back to where they came from, as new messages', async () => {
    const { queue, deadLetters, deadLetterTargetArn } = await lab.createPair(1);
    for (const body of ['a', 'b', 'c']) await lab.send(queue, body);
    for (let count = 0; count < 4; count += 1)
      await lab.receive(queue, { MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    await eventually(
      () => lab.counts(deadLetters),
      ([visible]) => visible === 3,
    );

    const { TaskHandle } = await lab.client.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetterTargetArn }));
    const tasks = await eventually(
      () => lab.client.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetterTargetArn })),
      ({ Results }) => Results?.[0]?.Status === 'COMPLETED',
    );
    const back = await lab.receive(queue, { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] });

    expect(TaskHandle).toBeTruthy();
    expect(tasks.Results![0]).toMatchObject({ Status: 'COMPLETED', SourceArn: deadLetterTargetArn });
    expect(Number(tasks.Results![0]!.ApproximateNumberOfMessagesMoved)).toBe(3);
    expect(back.map(({ Body }) => Body).sort()).toEqual(['a', 'b', 'c']);
    expect(back[0]!.Attributes!.ApproximateReceiveCount).toBe('1');
    expect(await lab.counts(deadLetters)).toEqual([0, 0, 0]);
  });

  it('moves dead letters to another queue when told so', async () => {
    const { queue, deadLetterTargetArn } = await lab.createPair(1);
    const other = await lab.createQueue();
    await lab.send(queue, 'x');
    await wearOut(queue, 2);

    await lab.client.send(
      new StartMessageMoveTaskCommand({
        SourceArn: deadLetterTargetArn,
        DestinationArn: await arnOf(lab.client, other),
      }),
    );
    const [message] = await lab.receive(other, { WaitTimeSeconds: 10 });
    await lab.client.send(new DeleteMessageCommand({ QueueUrl: other, ReceiptHandle: message!.ReceiptHandle }));

    expect(message!.Body).toBe('x');
  });

  it('cancels a task that runs, and allows one at a time', async () => {
    const { queue, deadLetterTargetArn } = await lab.createPair(1);
    for (let index = 0; index < 5; index += 1) await lab.send(queue, String(index));
    for (let count = 0; count < 6; count += 1)
      await lab.receive(queue, { MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    const start = new StartMessageMoveTaskCommand({ SourceArn: deadLetterTargetArn, MaxNumberOfMessagesPerSecond: 1 });

    const { TaskHandle } = await lab.client.send(start);
    await expect(lab.client.send(start)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    const cancelled = await lab.client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    const { Results } = await lab.client.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetterTargetArn }));

    expect(Number(cancelled.ApproximateNumberOfMessagesMoved)).toBeLessThan(5);
    expect(Results![0]!.Status).toMatch(/^CANCELL(ED|ING)$/);
  });

  it('refuses to move from a queue that is nobody’s dead-letter queue', async () => {
    const SourceArn = await arnOf(lab.client, await lab.createQueue());

    const answer = lab.client.send(new StartMessageMoveTaskCommand({ SourceArn }));

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});
