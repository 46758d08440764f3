import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  UploadPartCommand,
  type CompletedPart,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { testCloud } from '../support/cloud.ts';

/** The least that a part other than the last may have. */
export const PART = 5 * 1024 * 1024;

/** Runs a request that should be refused and gives what the client can tell of the refusal. */
export async function refusal(
  request: Promise<unknown>,
): Promise<{ code: string; status: number | undefined; message: string }> {
  try {
    await request;
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata?: { httpStatusCode?: number };
    };
    return { code: name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error('expected a refusal but the request went through');
}

/** Status and error code of a plain HTTP answer. */
export async function plain(answer: Response): Promise<{ status: number; code: string | undefined; text: string }> {
  const text = await answer.text();
  return { status: answer.status, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1], text };
}

/** A client of the server under test and buckets with unique names that are gone afterwards. */
export async function s3Lab() {
  const cloud = await testCloud();
  const clients: S3Client[] = [];
  const buckets: string[] = [];
  const connect = (config: S3ClientConfig = {}): S3Client => {
    const client = new S3Client({ ...cloud.clientConfig, maxAttempts: 1, ...config });
    clients.push(client);
    return client;
  };
  const client = connect();

  return {
    client,
    /** A client of its own settings. */
    connect,
    endpoint: cloud.endpoint,
    clientConfig: cloud.clientConfig,

    async createBucket(): Promise<string> {
      const Bucket = `t-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      buckets.push(Bucket);
      return Bucket;
    },

    async begin(Bucket: string, Key: string): Promise<string> {
      return (await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId!;
    },

    async putPart(
      target: { Bucket: string; Key: string; UploadId: string },
      PartNumber: number,
      Body: Buffer,
    ): Promise<CompletedPart> {
      const { ETag } = await client.send(new UploadPartCommand({ ...target, PartNumber, Body }));
      return { PartNumber, ETag: ETag! };
    },

    complete: (target: { Bucket: string; Key: string; UploadId: string }, Parts: CompletedPart[]) =>
      client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } })),

    async end(): Promise<void> {
      for (const Bucket of buckets) await removeBucket(client, Bucket);
      for (const one of clients) one.destroy();
      await cloud.stop();
    },
  };
}

export type S3Lab = Awaited<ReturnType<typeof s3Lab>>;

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const Objects = Contents.map(({ Key }) => ({ Key: Key! }));
  if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads)
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: Key!, UploadId: UploadId! }));
  await client.send(new DeleteBucketCommand({ Bucket }));
}
