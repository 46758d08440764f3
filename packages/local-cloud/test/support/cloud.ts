import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud } from '../../src/index.ts';

export interface TestCloud {
  /** Address of the server under test. */
  readonly endpoint: string;
  /** For the constructor of any SDK client. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly forcePathStyle: true;
  };
  /** True when the suite runs against another server than the embedded stand-in, by DARKROOM_TEST_ENDPOINT. */
  readonly isForeign: boolean;
  stop(): Promise<void>;
}

/** Not us-east-1, where S3 answers some requests in ways of its own. */
const REGION = 'eu-west-1';

/** Suites skip what only the embedded stand-in promises when this is set. */
export const isForeign = process.env['DARKROOM_TEST_ENDPOINT'] !== undefined;

/**
 * The server that a contract suite runs against: the one at DARKROOM_TEST_ENDPOINT (with AWS_REGION and the AWS_* credentials of
 * the environment, else test/test), or an embedded stand-in of its own on free ports and a temporary folder.
 */
export async function testCloud(): Promise<TestCloud> {
  const given = process.env['DARKROOM_TEST_ENDPOINT'];
  if (given !== undefined) return describe(given, async () => {});
  const dataDir = mkdtempSync(join(tmpdir(), 'darkroom-cloud-'));
  const cloud = await startLocalCloud({
    dataDir,
    port: 0,
    apiPort: 0,
    cdnPort: 0,
    region: REGION,
    onLog: (level, message, fields) => {
      if (level === 'error') console.error(message, fields);
    },
  });
  return describe(cloud.endpoint, async () => {
    await cloud.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
}

function describe(endpoint: string, stop: () => Promise<void>): TestCloud {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  return {
    endpoint,
    clientConfig: {
      endpoint,
      region: isForeign ? (AWS_REGION ?? 'us-east-1') : REGION,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID ?? 'test', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? 'test' },
      forcePathStyle: true,
    },
    isForeign,
    stop,
  };
}
