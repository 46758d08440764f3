import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDynamoDb } from '../../src/dynamodb/index.ts';
import { createEvents } from '../../src/events/index.ts';
import { createCloudServer } from '../../src/server.ts';
import { createSqs } from '../../src/sqs/index.ts';
import { createSsm } from '../../src/ssm/index.ts';
import { createSts } from '../../src/sts/index.ts';

/**
 * The server under test: `DARKROOM_TEST_ENDPOINT` if it is set, else queues, tables, events, parameters and STS of the stand-in
 * in this process. Same face as `testCloud()` of test/support/cloud.ts, without S3 and Lambda.
 */
export async function testCloud() {
  let endpoint = process.env.DARKROOM_TEST_ENDPOINT ?? '';
  let stop = async (): Promise<void> => {};
  if (endpoint === '') {
    const dataDir = mkdtempSync(join(tmpdir(), 'cloud-'));
    const ctx = {
      accountId: '000000000000',
      region: 'us-east-1',
      dataDir,
      endpoint: () => endpoint,
      now: () => Date.now(),
      credentials: new Map(),
      log: () => undefined,
    };
    const sqs = createSqs(ctx);
    const json = [
      sqs,
      createDynamoDb(ctx),
      createEvents(ctx, { sendToQueue: sqs.sendToQueue, invoke: async () => ({ payload: null }) }),
      createSsm(ctx),
    ];
    const server = createCloudServer({
      port: 0,
      services: { json, s3: { handle: async (_q, r) => void r.end() }, sts: createSts(ctx) },
      log: () => undefined,
    });
    ({ endpoint } = await server.listen());
    stop = async () => {
      await server.close();
      rmSync(dataDir, { recursive: true });
    };
  }
  return {
    endpoint,
    clientConfig: { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    stop,
  };
}
