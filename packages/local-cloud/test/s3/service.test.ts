import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketNotificationConfigurationCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createS3, type S3Service } from '../../src/s3/index.ts';
import { createCloudServer, type CloudServer } from '../../src/server.ts';

/** What the embedded S3 does for its own process; no other server can be asked for it. */
const DAY = 86_400_000;
const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:ingest';
let now: number;
let dataDir: string;
let s3: S3Service;
let server: CloudServer;
let client: S3Client;
let sent: { queue: string; body: string }[];
let Bucket: string;

beforeEach(async () => {
  now = Date.now();
  sent = [];
  Bucket = `t-${randomUUID()}`;
  dataDir = mkdtempSync(join(tmpdir(), 'darkroom-s3-'));
  let endpoint = '';
  const credentials = new Map([['test', 'test']]);
  s3 = createS3(
    {
      accountId: '000000000000',
      region: 'eu-west-1',
      dataDir,
      endpoint: () => endpoint,
      now: () => now,
      credentials,
      log: () => {},
    },
    { sendToQueue: (queue, body) => sent.push({ queue, body }) },
  );
  server = createCloudServer({ port: 0, services: { json: [], s3 }, log: () => {} });
  ({ endpoint } = await server.listen());
  client = new S3Client({
    endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterEach(async () => {
  client.destroy();
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The properties of a bucket as a service's resources.yml has them. */
const PROPERTIES = {
  BucketName: 'ignored',
  CorsConfiguration: {
    CorsRules: [
      {
        AllowedOrigins: ['*'],
        AllowedMethods: ['POST', 'PUT'],
        AllowedHeaders: ['*'],
        ExposedHeaders: ['ETag'],
        MaxAge: 86400,
      },
    ],
  },
  LifecycleConfiguration: {
    Rules: [
      { Id: 'abort', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      { Id: 'expire', Status: 'Enabled', Prefix: 'staging/', ExpirationInDays: 2 },
      { Id: 'off', Status: 'Disabled', ExpirationInDays: 1 },
    ],
  },
  NotificationConfiguration: {
    QueueConfigurations: [
      {
        Event: 's3:ObjectCreated:*',
        Queue: QUEUE,
        Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'originals/' }] } },
      },
    ],
  },
};
const keys = async () =>
  ((await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);
const put = (Key: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));

describe('createBucket', () => {
  it('reads the properties of CloudFormation, again and again', async () => {
    for (let time = 0; time < 2; time += 1) s3.createBucket(Bucket, PROPERTIES);
    const { CORSRules } = await client.send(new GetBucketCorsCommand({ Bucket }));
    expect(CORSRules).toEqual([
      {
        AllowedOrigins: ['*'],
        AllowedMethods: ['POST', 'PUT'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 86400,
      },
    ]);
    const { QueueConfigurations } = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(QueueConfigurations).toMatchObject([
      {
        QueueArn: QUEUE,
        Events: ['s3:ObjectCreated:*'],
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'originals/' }] } },
      },
    ]);
    // The test event comes with a change of configuration only.
    expect(sent.map(({ body }) => (JSON.parse(body) as { Event?: string }).Event)).toEqual(['s3:TestEvent']);
  });

  it('keeps the objects of a bucket that is there', async () => {
    s3.createBucket(Bucket);
    await put('kept');
    s3.createBucket(Bucket, PROPERTIES);
    expect(await keys()).toEqual(['kept']);
    await put('originals/a');
    expect(sent.at(-1)).toMatchObject({ queue: QUEUE, body: expect.stringContaining('originals/a') });
  });
});

describe('sweepLifecycle', () => {
  it('expires objects by prefix and aborts uploads, when their day has come', async () => {
    s3.createBucket(Bucket, PROPERTIES);
    for (const Key of ['staging/a', 'staging/b', 'other/a']) await put(Key);
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'never-completed' }));
    const uploads = async () => ((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).length;
    const begin = now;

    now = begin + DAY / 2;
    s3.sweepLifecycle();
    now = begin;
    expect([await keys(), await uploads()]).toEqual([['other/a', 'staging/a', 'staging/b'], 1]);

    // "Amazon S3 rounds the resulting time to the next day midnight UTC."
    now = begin + 2 * DAY;
    s3.sweepLifecycle();
    now = begin;
    expect([await keys(), await uploads()]).toEqual([['other/a', 'staging/a', 'staging/b'], 0]);

    now = begin + 3 * DAY;
    s3.sweepLifecycle();
    now = begin;
    expect(await keys()).toEqual(['other/a']);
  });

  it('expires by tag and size', async () => {
    s3.createBucket(Bucket);
    const Rules = [
      {
        ID: 'r',
        Status: 'Enabled' as const,
        Filter: { And: { Tags: [{ Key: 'temporary', Value: 'yes' }], ObjectSizeGreaterThan: 2 } },
        Expiration: { Days: 1 },
      },
    ];
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'both', Body: 'long', Tagging: 'temporary=yes' }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'small', Body: 'x', Tagging: 'temporary=yes' }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'untagged', Body: 'long' }));
    const begin = now;
    now += 3 * DAY;
    s3.sweepLifecycle();
    now = begin;
    expect(await keys()).toEqual(['small', 'untagged']);
  });
});

describe('readObject', () => {
  it('gives headers and body, or nothing', async () => {
    s3.createBucket(Bucket);
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello', ContentType: 'image/avif', CacheControl: 'max-age=1' }),
    );
    const found = await s3.readObject(Bucket, 'k');
    expect(found?.headers).toMatchObject({
      'content-type': 'image/avif',
      'cache-control': 'max-age=1',
      'content-length': '5',
      etag: expect.any(String),
    });
    const chunks: Buffer[] = [];
    for await (const chunk of found!.body) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    expect(await s3.readObject(Bucket, 'none')).toBeUndefined();
    expect(await s3.readObject('none', 'k')).toBeUndefined();
  });
});

describe('an upload that takes its time', () => {
  /** Sends half of a PUT and waits until the server has begun to take it. */
  async function half(Key: string, headers: Record<string, string> = {}): Promise<ClientRequest> {
    const conditions = headers['if-none-match'] === undefined ? {} : { IfNoneMatch: '*' };
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key, ...conditions }));
    const upload = request(url, { method: 'PUT', headers: { ...headers, 'content-length': 4_000_000 } });
    upload.write(Buffer.alloc(2_000_000));
    // A body of more than 1 MiB is written as it comes.
    for (let attempt = 0; attempt < 200 && waiting().length === 0; attempt += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return upload;
  }
  const waiting = (): string[] => readdirSync(join(dataDir, 's3', 'tmp'));
  beforeEach(() => s3.createBucket(Bucket));

  it('and is cut off leaves nothing behind', async () => {
    const upload = await half('cut');
    upload.on('error', () => {});
    expect(waiting()).toHaveLength(1);
    upload.destroy();
    for (let attempt = 0; attempt < 200 && waiting().length > 0; attempt += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(waiting()).toEqual([]);
    expect(await keys()).toEqual([]);
  });

  it('with If-None-Match conflicts with a deletion meanwhile', async () => {
    const upload = await half('fought-over', { 'if-none-match': '*' });
    await put('fought-over');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'fought-over' }));
    const status = new Promise((resolve) => {
      upload.on('response', (answer) => resolve(answer.resume().statusCode));
    });
    upload.end(Buffer.alloc(2_000_000));
    // "409 Conflict […] if a delete request to an object succeeds before a conditional write operation on that object completes."
    expect(await status).toBe(409);
    expect(await keys()).toEqual([]);
  });
});
