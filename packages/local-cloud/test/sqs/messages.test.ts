import { createHash } from 'node:crypto';
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { eventually, isForeign, sqsLab, type SqsLab } from './support.ts';

const MIB = 1_048_576;
const here = isForeign ? it.skip : it;

describe('SQS messages', () => {
  let lab: SqsLab;
  let queue: string;
  beforeAll(async () => {
    lab = await sqsLab();
  });
  beforeEach(async () => {
    queue = await lab.createQueue({ VisibilityTimeout: '30' });
  });
  afterAll(() => lab.end());

  it('gives back what was sent, with the digest of the body', async () => {
    const body = 'Grüße {"a":1}\n\t𝄞';

    const sent = await lab.send(queue, body);
    const [message] = await lab.receive(queue);

    const md5 = createHash('md5').update(body).digest('hex');
    expect(sent.MD5OfMessageBody).toBe(md5);
    expect(message).toMatchObject({ MessageId: sent.MessageId, Body: body, MD5OfBody: md5 });
  });

  it('carries attributes of all types, gives those asked for, and computes AWS digests of them', async () => {
    const MessageAttributes = {
      colour: { DataType: 'String', StringValue: 'blue' },
      size: { DataType: 'Number.int', StringValue: '42' },
      raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 255) },
    };

    const sent = await lab.client.send(
      new SendMessageCommand({ QueueUrl: queue, MessageBody: 'x', MessageAttributes }),
    );
    const [all] = await lab.receive(queue, { MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
    const [some] = await lab.receive(queue, { MessageAttributeNames: ['col.*', 'size'] });

    // Computed by the algorithm of the developer guide, with another implementation (Python's hashlib).
    expect(sent.MD5OfMessageAttributes).toBe('60fca41029d60952a8cae5136f04dd14');
    expect(all!.MessageAttributes).toEqual(MessageAttributes);
    expect(all!.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(Object.keys(some!.MessageAttributes!).sort()).toEqual(['colour', 'size']);
  });

  it('passes the AWSTraceHeader system attribute on', async () => {
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';

    await lab.client.send(
      new SendMessageCommand({
        QueueUrl: queue,
        MessageBody: 'x',
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } },
      }),
    );
    const [message] = await lab.receive(queue, { MessageSystemAttributeNames: ['AWSTraceHeader'] });

    expect(message!.Attributes).toEqual({ AWSTraceHeader: header });
  });

  it('counts receives and tells times: SentTimestamp, ApproximateFirstReceiveTimestamp, ApproximateReceiveCount, SenderId', async () => {
    await lab.send(queue, 'x');

    await lab.receive(queue, { VisibilityTimeout: 0 });
    const [message] = await lab.receive(queue, { MessageSystemAttributeNames: ['All'] });

    const attributes = message!.Attributes!;
    expect(attributes.ApproximateReceiveCount).toBe('2');
    expect(Number(attributes.SentTimestamp)).toBeLessThanOrEqual(Number(attributes.ApproximateFirstReceiveTimestamp));
    expect(attributes.SenderId).toBeTruthy();
  });

  it('takes a body of 1 MiB and no more', async () => {
    const sent = await lab.send(queue, 'x'.repeat(MIB));

    await expect(lab.send(queue, 'x'.repeat(MIB + 1))).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    expect(sent.MessageId).toBeDefined();
  });

  it('counts attributes against the size', async () => {
    const small = await lab.createQueue({ MaximumMessageSize: '1024' });
    const attributes = { a: { DataType: 'String', StringValue: 'y'.repeat(20) } };

    const answer = lab.client.send(
      new SendMessageCommand({ QueueUrl: small, MessageBody: 'x'.repeat(1020), MessageAttributes: attributes }),
    );

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it.each(['\u0000', 'a\u0008b', '\uFFFE'])('refuses the character in %j: InvalidMessageContents', async (body) => {
    await expect(lab.send(queue, body)).rejects.toMatchObject({ name: 'InvalidMessageContents' });
  });

  it.each([
    ['a reserved name', 'AWS.x', { DataType: 'String', StringValue: 'x' }],
    ['an unknown type', 'x', { DataType: 'Colour', StringValue: 'x' }],
    ['an empty value', 'x', { DataType: 'String', StringValue: '' }],
  ])('refuses attributes with %s', async (_, name, attribute) => {
    const answer = lab.client.send(
      new SendMessageCommand({ QueueUrl: queue, MessageBody: 'x', MessageAttributes: { [name]: attribute } }),
    );

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it('hides a received message for its visibility timeout, then shows it again', async () => {
    await lab.send(queue, 'x');

    const [first] = await lab.receive(queue, { VisibilityTimeout: 1 });
    const hidden = await lab.receive(queue);
    const [again] = await lab.receive(queue, { WaitTimeSeconds: 5 });

    expect(hidden).toEqual([]);
    expect(again!.MessageId).toBe(first!.MessageId);
    expect(again!.ReceiptHandle).not.toBe(first!.ReceiptHandle);
  });

  it('shows a message at once when its visibility is changed to zero, to a poll that waits, too', async () => {
    await lab.send(queue, 'x');
    const [message] = await lab.receive(queue);

    const waiting = lab.receive(queue, { WaitTimeSeconds: 20 });
    await lab.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue,
        ReceiptHandle: message!.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );

    expect((await waiting)[0]!.MessageId).toBe(message!.MessageId);
  });

  it('keeps a message hidden for longer when asked to', async () => {
    await lab.send(queue, 'x');
    const [message] = await lab.receive(queue, { VisibilityTimeout: 1 });

    await lab.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue,
        ReceiptHandle: message!.ReceiptHandle,
        VisibilityTimeout: 60,
      }),
    );
    const later = await lab.receive(queue, { WaitTimeSeconds: 2 });

    expect(later).toEqual([]);
  });

  it('says MessageNotInflight of a message that nobody holds', async () => {
    await lab.send(queue, 'x');
    const [message] = await lab.receive(queue, { VisibilityTimeout: 0 });

    const answer = lab.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue,
        ReceiptHandle: message!.ReceiptHandle,
        VisibilityTimeout: 10,
      }),
    );

    await expect(answer).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  it('deletes by receipt handle, again and again', async () => {
    await lab.send(queue, 'x');
    const [message] = await lab.receive(queue);
    const deletion = new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message!.ReceiptHandle });

    await lab.client.send(deletion);
    await lab.client.send(deletion);

    expect(await lab.counts(queue)).toEqual([0, 0, 0]);
  });

  it('deletes by an older receipt handle, as standard queues do', async () => {
    await lab.send(queue, 'x');
    const [first] = await lab.receive(queue, { VisibilityTimeout: 0 });
    await lab.receive(queue);

    await lab.client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: first!.ReceiptHandle }));

    expect(await lab.counts(queue)).toEqual([0, 0, 0]);
  });

  it('says ReceiptHandleIsInvalid of anything else', async () => {
    const answer = lab.client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: 'rubbish' }));

    await expect(answer).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it('delivers after the delay of the message', async () => {
    await lab.client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'later', DelaySeconds: 1 }));

    const counted = await lab.counts(queue);
    const early = await lab.receive(queue);
    const [message] = await lab.receive(queue, { WaitTimeSeconds: 5 });

    expect(counted).toEqual([0, 0, 1]);
    expect(early).toEqual([]);
    expect(message!.Body).toBe('later');
  });

  it('delays by the queue unless the message says otherwise', async () => {
    const slow = await lab.createQueue({ DelaySeconds: '60' });

    await lab.send(slow, 'slow');
    await lab.client.send(new SendMessageCommand({ QueueUrl: slow, MessageBody: 'quick', DelaySeconds: 0 }));

    expect((await lab.receive(slow, { MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual(['quick']);
  });

  it('counts what is visible, in flight and delayed', async () => {
    for (const body of ['a', 'b', 'c']) await lab.send(queue, body);
    await lab.client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'd', DelaySeconds: 60 }));

    await lab.receive(queue);

    expect(
      await eventually(
        () => lab.counts(queue),
        ([visible]) => visible === 2,
      ),
    ).toEqual([2, 1, 1]);
  });

  // On AWS the order of a standard queue is best effort.
  here('delivers in the order of sending', async () => {
    for (const body of ['1', '2', '3', '4']) await lab.send(queue, body);

    const bodies = (await lab.receive(queue, { MaxNumberOfMessages: 10 })).map(({ Body }) => Body);

    expect(bodies).toEqual(['1', '2', '3', '4']);
  });
});
