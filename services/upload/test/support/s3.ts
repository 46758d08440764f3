import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { startLocalCloud } from '../../../../packages/local-cloud/src/index.ts';

interface TestS3 {
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly stop: () => Promise<void>;
}

const configOf = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  },
});

/** An S3: the one at `DARKROOM_TEST_ENDPOINT` when it is set, else the embedded stand-in, empty, in a folder of its own. */
const startS3 = async (): Promise<TestS3> => {
  const given = process.env['DARKROOM_TEST_ENDPOINT'];
  if (given !== undefined) return { clientConfig: configOf(given), stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-upload-'));
  const cloud = await startLocalCloud({ dataDir, port: 0, apiPort: 0, cdnPort: 0 });
  return {
    clientConfig: configOf(cloud.endpoint),
    stop: async () => {
      await cloud.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** A bucket of a suite's own, on that S3. */
export interface TestBucket {
  readonly client: S3Client;
  readonly bucket: string;
  readonly endpoint: string;
  /** Keys that begin so. */
  readonly list: (prefix: string) => Promise<string[]>;
  /** Empties and deletes the bucket, and ends what was started. */
  readonly stop: () => Promise<void>;
}

/** Makes a bucket whose name begins with `name`. */
export const startBucket = async (name: string): Promise<TestBucket> => {
  const server = await startS3();
  const client = new S3Client({
    ...server.clientConfig,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const bucket = `${name}-${String(process.pid)}-${String(Date.now())}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const list = async (Prefix: string): Promise<string[]> => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
    return Contents.map(({ Key = '' }) => Key);
  };
  return {
    client,
    bucket,
    endpoint: server.clientConfig.endpoint,
    list,
    stop: async () => {
      for (let keys = await list(''); keys.length > 0; keys = await list(''))
        for (const Key of keys) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
      await server.stop();
    },
  };
};
