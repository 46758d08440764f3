// One warm process of the upload function, and beside it the least that signing can cost. Prints nothing: the function's metrics go to its output.
import { createHmac, randomUUID } from 'node:crypto';
import process from 'node:process';
import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { median } from '../harness.ts';
import { s3Options } from './servers/s3-options.ts';

/** What the parent passes by the environment, beside what the function itself reads. */
const { BENCH_TOKEN: token = '', ORIGINALS_BUCKET: bucket = '', AWS_ENDPOINT_URL: endpoint = '' } = process.env;
const WARM_UP_CALLS = 300;
/** Calls in one block, and blocks of each in turn: a block is long enough for the clock and short enough for a drifting machine. */
const BLOCK_CALLS = 100;
const BLOCKS = 11;

type Handler = (event: unknown, context: unknown) => Promise<{ statusCode?: number }>;
const { handler } = (await import('../../../services/upload/src/functions/api/handler.ts')) as unknown as {
  handler: Handler;
};

const body = JSON.stringify({ size: 3_000_000, contentType: 'image/jpeg', filename: 'IMG_0001.jpg' });
/** An event of an HTTP API, payload format 2.0. */
const event = {
  version: '2.0',
  routeKey: 'POST /uploads',
  rawPath: '/uploads',
  rawQueryString: '',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', host: 'api.example.com' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'api.example.com',
    domainPrefix: 'api',
    http: { method: 'POST', path: '/uploads', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: 'bench',
    routeKey: 'POST /uploads',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 1_767_225_600_000,
  },
  body,
  isBase64Encoded: false,
};
const context = { functionName: 'api', awsRequestId: 'bench', getRemainingTimeInMillis: () => 10_000 };

const callHandler = async (): Promise<void> => {
  const { statusCode } = await handler(event, context);
  if (statusCode !== 201) throw new Error(`expected status 201 for POST /uploads but received ${String(statusCode)}`);
};

const s3 = new S3Client(s3Options(endpoint));
/** A token and a form, by the same libraries: no parsing, no checks, no answer. */
const floor = async (): Promise<void> => {
  createHmac('sha256', bucket).update(body).digest('base64url');
  await createPresignedPost(s3, {
    Bucket: bucket,
    Key: `originals/${randomUUID()}`,
    Conditions: [['content-length-range', 3_000_000, 3_000_000]],
    Fields: { 'Content-Type': 'image/jpeg' },
    Expires: 900,
  });
};

/** Milliseconds a call. */
const block = async (call: () => Promise<void>, calls: number): Promise<number> => {
  const began = performance.now();
  for (let n = 0; n < calls; n++) await call();
  return (performance.now() - began) / calls;
};

const measured: { handler: number[]; floor: number[] } = { handler: [], floor: [] };
await block(callHandler, WARM_UP_CALLS);
await block(floor, WARM_UP_CALLS);
for (let n = 0; n < BLOCKS; n++) {
  measured.handler.push(await block(callHandler, BLOCK_CALLS));
  measured.floor.push(await block(floor, BLOCK_CALLS));
}
process.send?.({ handlerMs: median(measured.handler), floorMs: median(measured.floor) }, () => process.exit(0));
