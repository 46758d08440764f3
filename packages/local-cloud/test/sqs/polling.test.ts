import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { sqsLab, type SqsLab } from './support.ts';

const SECOND_MS = 1000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('SQS polling', () => {
  let lab: SqsLab;
  let queue: string;
  beforeAll(async () => {
    lab = await sqsLab();
  });
  beforeEach(async () => {
    queue = await lab.createQueue();
  });
  afterAll(() => lab.end());

  it('gives one message unless more are asked for, and at most ten', async () => {
    for (let index = 0; index < 12; index += 1) await lab.send(queue, String(index));

    const one = await lab.receive(queue);
    const ten = await lab.receive(queue, { MaxNumberOfMessages: 10 });

    expect(one).toHaveLength(1);
    expect(ten).toHaveLength(10);
  });

  it.each([
    [{ MaxNumberOfMessages: 0 }],
    [{ MaxNumberOfMessages: 11 }],
    [{ WaitTimeSeconds: 21 }],
    [{ VisibilityTimeout: 43_201 }],
  ])('refuses %j', async (input) => {
    await expect(lab.receive(queue, input)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it('wakes a long poll when a message arrives, long before its time is over', async () => {
    const start = Date.now();
    const waiting = lab.receive(queue, { WaitTimeSeconds: 20 });
    await pause(200);

    await lab.send(queue, 'now');
    const [message] = await waiting;

    expect(message!.Body).toBe('now');
    expect(Date.now() - start).toBeLessThan(10 * SECOND_MS);
  });

  it('ends a long poll with nothing when its time is over', async () => {
    const start = Date.now();

    const messages = await lab.receive(queue, { WaitTimeSeconds: 1 });

    expect(messages).toEqual([]);
    // Timers of the two processes may differ by a few milliseconds.
    expect(Date.now() - start).toBeGreaterThan(0.9 * SECOND_MS);
  });

  it('waits by the attribute of the queue when the call says nothing', async () => {
    const patient = await lab.createQueue({ ReceiveMessageWaitTimeSeconds: '20' });
    const waiting = lab.receive(patient);
    await pause(200);

    await lab.send(patient, 'x');

    expect(await waiting).toHaveLength(1);
  });

  it('gives each message to one of many polls', async () => {
    const polls = Array.from({ length: 5 }, () => lab.receive(queue, { WaitTimeSeconds: 3, MaxNumberOfMessages: 10 }));
    await pause(200);

    for (const body of ['a', 'b', 'c']) await lab.send(queue, body);
    const received = (await Promise.all(polls)).flat().map(({ Body }) => Body);

    expect(received.sort()).toEqual(['a', 'b', 'c']);
  });

  it('loses no message to a poll whose client has gone', async () => {
    const leaving = new AbortController();
    const poll = lab.client.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 20 }), {
      abortSignal: leaving.signal,
    });
    await pause(300);
    leaving.abort();
    await expect(poll).rejects.toMatchObject({ name: 'AbortError' });
    await pause(200);

    await lab.send(queue, 'kept');

    expect((await lab.receive(queue))[0]?.Body).toBe('kept');
  });
});
