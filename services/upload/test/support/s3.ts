import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud } from '../../../../packages/local-cloud/src/index.ts';

export interface TestS3 {
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
export const startS3 = async (): Promise<TestS3> => {
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
