import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { sqsLab, type SqsLab } from './support.ts';

describe('SQS queues', () => {
  let lab: SqsLab;
  beforeAll(async () => {
    lab = await sqsLab();
  });
  afterAll(() => lab.end());

  it('creates a queue once: "if you provide the name of an existing queue with the same attributes, its URL is returned"', async () => {
    const QueueName = `t-${randomUUID()}`;
    const Attributes = { VisibilityTimeout: '45' };

    const first = await lab.client.send(new CreateQueueCommand({ QueueName, Attributes }));
    const second = await lab.client.send(new CreateQueueCommand({ QueueName, Attributes }));
    const found = await lab.client.send(new GetQueueUrlCommand({ QueueName }));
    await lab.client.send(new DeleteQueueCommand({ QueueUrl: first.QueueUrl }));

    expect(second.QueueUrl).toBe(first.QueueUrl);
    expect(found.QueueUrl).toBe(first.QueueUrl);
    expect(first.QueueUrl!.endsWith(`/${QueueName}`)).toBe(true);
  });

  it('refuses another value of an attribute under the same name (QueueNameExists)', async () => {
    const url = await lab.createQueue({ VisibilityTimeout: '45' });
    const QueueName = url.split('/').pop()!;

    const answer = lab.client.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '46' } }));

    await expect(answer).rejects.toMatchObject({ name: 'QueueNameExists' });
  });

  it('gives AWS defaults to what was not set', async () => {
    const QueueUrl = await lab.createQueue();

    const { Attributes } = await lab.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));

    expect(Attributes).toMatchObject({
      DelaySeconds: '0',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      VisibilityTimeout: '30',
    });
    expect(Attributes!.QueueArn).toMatch(/^arn:aws:sqs:[\w-]+:\d{12}:t-/);
    expect(Number(Attributes!.CreatedTimestamp) * 1000).toBeGreaterThan(Date.now() - 600_000);
  });

  it('changes attributes that were set and answers only those asked for', async () => {
    const QueueUrl = await lab.createQueue();

    await lab.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '7' } }));
    const { Attributes } = await lab.client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['DelaySeconds', 'VisibilityTimeout'] }),
    );

    expect(Attributes).toEqual({ DelaySeconds: '7', VisibilityTimeout: '30' });
  });

  it.each([
    ['VisibilityTimeout', '43201'],
    ['DelaySeconds', '901'],
    ['ReceiveMessageWaitTimeSeconds', '21'],
    ['MessageRetentionPeriod', '59'],
    ['MaximumMessageSize', '1023'],
    ['VisibilityTimeout', 'soon'],
  ])('refuses %s = %s: InvalidAttributeValue', async (name, value) => {
    const QueueUrl = await lab.createQueue();

    const answer = lab.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { [name]: value } }));

    await expect(answer).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });

  it('refuses attributes it does not know: InvalidAttributeName', async () => {
    const QueueUrl = await lab.createQueue();

    const answer = lab.client.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { Colour: 'red' } as Record<string, string> }),
    );

    await expect(answer).rejects.toMatchObject({ name: 'InvalidAttributeName' });
  });

  it.each(['no spaces', 'x'.repeat(81), 'dots.in.it'])('refuses the name "%s"', async (QueueName) => {
    const answer = lab.client.send(new CreateQueueCommand({ QueueName }));

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it('says QueueDoesNotExist of a queue that is not there, as the class that the SDK has for it', async () => {
    const answer = lab.client.send(new GetQueueUrlCommand({ QueueName: `t-${randomUUID()}` }));

    await expect(answer).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  it('finds a queue by the last part of its URL, whatever the host', async () => {
    const url = await lab.createQueue();
    const QueueUrl = `http://queue.example:1234${new URL(url).pathname}`;

    const answer = await lab.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));

    expect(answer.MessageId).toBeDefined();
  });

  it('lists queues by prefix, page by page', async () => {
    const prefix = `t-${randomUUID()}`;
    const made: string[] = [];
    for (const suffix of ['a', 'b', 'c']) {
      const { QueueUrl } = await lab.client.send(new CreateQueueCommand({ QueueName: `${prefix}-${suffix}` }));
      made.push(QueueUrl!);
    }

    const first = await lab.client.send(new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 2 }));
    const rest = await lab.client.send(
      new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 2, NextToken: first.NextToken }),
    );
    for (const QueueUrl of made) await lab.client.send(new DeleteQueueCommand({ QueueUrl }));

    expect(first.QueueUrls).toHaveLength(2);
    expect([...first.QueueUrls!, ...rest.QueueUrls!].sort()).toEqual(made.sort());
    expect(rest.NextToken).toBeUndefined();
  });

  it('keeps tags', async () => {
    const QueueUrl = await lab.createQueue();

    await lab.client.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'lab', stage: 'dev' } }));
    await lab.client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['stage'] }));
    const { Tags } = await lab.client.send(new ListQueueTagsCommand({ QueueUrl }));

    expect(Tags).toEqual({ team: 'lab' });
  });

  it('purges: all messages are gone, those in flight too', async () => {
    const QueueUrl = await lab.createQueue();
    for (const body of ['a', 'b', 'c']) await lab.send(QueueUrl, body);
    await lab.receive(QueueUrl);

    await lab.client.send(new PurgeQueueCommand({ QueueUrl }));

    expect(await lab.counts(QueueUrl)).toEqual([0, 0, 0]);
  });

  it('forgets a deleted queue and its messages', async () => {
    const QueueUrl = await lab.createQueue();
    await lab.send(QueueUrl, 'x');

    await lab.client.send(new DeleteQueueCommand({ QueueUrl }));

    await expect(lab.receive(QueueUrl)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});
