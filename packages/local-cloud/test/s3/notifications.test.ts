import { randomUUID } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let sqs: SQSClient;
let Bucket: string;
let QueueUrl: string;
let QueueArn: string;

beforeAll(async () => {
  lab = await s3Lab();
  sqs = new SQSClient({ ...lab.clientConfig, useQueueUrlAsEndpoint: false });
});
beforeEach(async () => {
  Bucket = await lab.createBucket();
  QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: `t-${randomUUID()}` }))).QueueUrl!;
  QueueArn = (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))).Attributes!
    .QueueArn!;
});
afterEach(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
afterAll(async () => {
  sqs.destroy();
  await lab.end();
});

const configure = (configuration: Partial<QueueConfiguration> = {}) =>
  lab.client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ Id: 'mine', QueueArn, Events: ['s3:ObjectCreated:*'], ...configuration }],
      },
    }),
  );

/** A notification or the test event, as far as the suite looks at it. */
interface Message {
  readonly Records?: readonly {
    readonly eventName: string;
    readonly s3: { readonly object: { readonly key: string; readonly sequencer: string } };
  }[];
}

/** Bodies of the messages that wait in the queue, in the order received; waits for `count`, then looks whether more came. */
async function receive(count: number): Promise<Message[]> {
  const bodies: Message[] = [];
  for (;;) {
    const WaitTimeSeconds = bodies.length < count ? 10 : 0;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body!) as Message);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

describe('notifications', () => {
  it('begin with s3:TestEvent', async () => {
    await configure();
    const [test] = await receive(1);
    expect(test).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket });
    expect(test!.Records).toBeUndefined();
  });

  it('tell of an object as AWS does', async () => {
    await configure();
    const { ETag } = await lab.client.send(new PutObjectCommand({ Bucket, Key: 'uploads/a b+ü.jpg', Body: 'hello' }));
    const [, message] = await receive(2);
    expect(message!.Records).toHaveLength(1);
    expect(message!.Records![0]).toEqual({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: lab.clientConfig.region,
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: expect.any(String) },
      requestParameters: { sourceIPAddress: expect.any(String) },
      responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'mine',
        bucket: { name: Bucket, ownerIdentity: { principalId: expect.any(String) }, arn: `arn:aws:s3:::${Bucket}` },
        // "The s3 key provides information about the bucket and object involved in the event. The object key name value is URL encoded."
        object: {
          key: 'uploads/a+b%2B%C3%BC.jpg',
          size: 5,
          eTag: ETag!.replaceAll('"', ''),
          sequencer: expect.stringMatching(/^[0-9A-F]+$/),
        },
      },
    });
  });

  it('name what happened, once for each change', async () => {
    await configure({ Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] });
    await lab.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    await lab.client.send(
      new CopyObjectCommand({ Bucket, Key: 'k', CopySource: `${Bucket}/k`, MetadataDirective: 'REPLACE' }),
    );
    const target = { Bucket, Key: 'k', UploadId: await lab.begin(Bucket, 'k') };
    const parts = [await lab.putPart(target, 1, Buffer.from('part'))];
    await lab.complete(target, parts);
    await lab.complete(target, parts);
    const { url, fields } = await createPresignedPost(lab.client, { Bucket, Key: 'k' });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob(['posted']));
    await fetch(url, { method: 'POST', body: form });
    await lab.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await lab.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));

    const records = (await receive(6))
      .flatMap(({ Records = [] }) => Records)
      .sort((a, b) => (a.s3.object.sequencer < b.s3.object.sequencer ? -1 : 1));
    expect(records.map(({ eventName }) => eventName)).toEqual([
      'ObjectCreated:Put',
      'ObjectCreated:Copy',
      'ObjectCreated:CompleteMultipartUpload',
      'ObjectCreated:Post',
      'ObjectRemoved:Delete',
    ]);
    const sequencers = records.map(({ s3 }) => s3.object.sequencer);
    expect(new Set(sequencers).size).toBe(sequencers.length);
  });

  it('are chosen by prefix, suffix and event', async () => {
    await configure({
      Events: ['s3:ObjectCreated:Put'],
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: 'in/' },
            { Name: 'suffix', Value: '.jpg' },
          ],
        },
      },
    });
    for (const Key of ['in/a.jpg', 'in/a.png', 'out/a.jpg'])
      await lab.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await lab.client.send(new CopyObjectCommand({ Bucket, Key: 'in/b.jpg', CopySource: `${Bucket}/in/a.jpg` }));
    const records = (await receive(2)).flatMap(({ Records = [] }) => Records);
    expect(records.map(({ s3 }) => s3.object.key)).toEqual(['in/a.jpg']);
  });
});
