import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import sharp from 'sharp';
import { clientConfig, s3Of } from '../support/aws.ts';
import { developed, prefixOf, sample, until } from '../support/develop.ts';
import { startSystem, type TestSystem } from '../support/system.ts';

const BUCKET = 'darkroom-local-variants-000000000000-us-east-1';
const QUEUES = 'http://127.0.0.1:4566/000000000000/darkroom-variants-local';
/** More than pays for any photograph of 640 pixels at the price of packages/types/data/prices.json. */
const VIEWS = 240;

let system: TestSystem;
let s3: S3Client;
let sqs: SQSClient;
let lambda: LambdaClient;
beforeAll(async () => {
  system = await startSystem();
  const config = clientConfig(system.endpoint);
  s3 = s3Of(system.endpoint);
  sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  lambda = new LambdaClient(config);
}, 120_000);
afterAll(async () => {
  for (const client of [s3, sqs, lambda]) client.destroy();
  await system.stop();
}, 30_000);

const stored = async (Key: string) => {
  const { Body, Metadata, CacheControl, ContentType } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  const data = Buffer.from((await Body?.transformToByteArray()) ?? []);
  return { data, effort: Metadata?.['effort'], CacheControl, ContentType };
};

const waiting = async (queue: string): Promise<number> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: `${QUEUES}-${queue}`, AttributeNames: ['All'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
};

const drain = async (): Promise<unknown> => {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: 'darkroom-variants-local-reencode', Payload: '{}' }),
  );
  const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined) throw new Error(JSON.stringify(answer));
  return answer;
};

describe('a rendition that many look at', () => {
  it('is coded again with high effort, and is the same picture in fewer bytes', async () => {
    // Prepare
    const prefix = prefixOf(await developed(system, sample('nokia-lumia-800.jpg')));
    const [hot, cold] = [`${prefix}/640-n.avif`, `${prefix}/1280-n.avif`];
    const [before, coldBefore] = [await stored(hot), await stored(cold)];

    // Act: half of the viewers come by the rendition's own address, half by the one that is negotiated.
    const addresses = [`${system.cdn}/${hot}`, `${system.cdn}/${prefix.replace(/^v/, 'i')}?w=600`];
    for (let seen = 0; seen < VIEWS; seen += 20) {
      const asked = Array.from({ length: 20 }, (_, n) =>
        fetch(addresses[n % 2] ?? '', { headers: { accept: 'image/avif,*/*' } }),
      );
      for (const answer of await Promise.all(asked)) await answer.arrayBuffer();
    }
    await (await fetch(`${system.cdn}/${cold}`)).arrayBuffer();
    await until(async () => ((await waiting('heat')) === 1 ? true : undefined));
    const tally = await drain();

    // Assess
    const after = await stored(hot);
    expect(tally).toEqual({ done: 1, saved: before.data.length - after.data.length, failed: 0 });
    expect(after.data.length).toBeLessThan(before.data.length * 0.97);
    expect(after).toMatchObject({ effort: '4', CacheControl: before.CacheControl, ContentType: 'image/avif' });
    const sides = ({ width, height }: { width?: number; height?: number }) => [width, height];
    expect(sides(await sharp(after.data).metadata())).toEqual(sides(await sharp(before.data).metadata()));
    expect((await stored(cold)).data.equals(coldBefore.data)).toBe(true);
    // Nothing is left, and doing it again does nothing.
    await until(async () => ((await waiting('access-logs')) === 0 ? true : undefined));
    expect(await waiting('heat')).toBe(0);
    await expect(drain()).resolves.toEqual({ done: 0, saved: 0, failed: 0 });
    expect((await stored(hot)).data.equals(after.data)).toBe(true);
  }, 120_000);
});
