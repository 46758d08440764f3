import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipOf } from '../../package/test/zip-of.ts';
import { packagedFunctions } from './functions.ts';
import { importOnce } from './import-once.ts';

const root = mkdtempSync(join(tmpdir(), 'darkroom-cold-'));
const folder = join(root, 'services', 'zoo', '.serverless');
const SOURCE =
  "if (!process.env.QUEUE_ARN.startsWith('arn:')) throw new Error('no ARN'); exports.big = new Array(1e6).fill(0);";

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'feed.zip'), zipOf('src/feed/handler.cjs', SOURCE));
  const fn = (zip: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Handler: 'src/feed/handler.handler',
      Code: { S3Key: `serverless/zoo/${zip}` },
      Environment: {
        Variables: { STAGE: 'prod', QUEUE_ARN: { 'Fn::GetAtt': ['Queue', 'Arn'] }, URL: { Ref: 'Queue' } },
      },
    },
  });
  const template = {
    Resources: { Feed: fn('feed.zip'), Foreign: fn('custom-resource.zip'), Queue: { Type: 'AWS::SQS::Queue' } },
  };
  writeFileSync(join(folder, 'cloudformation-template-update-stack.json'), JSON.stringify(template));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the functions of a packaged service', () => {
  it('are those whose zip is there, unpacked, with an environment of the right form', () => {
    const functions = packagedFunctions(root, 'zoo');

    expect(functions).toEqual([
      {
        service: 'zoo',
        name: 'feed',
        zipBytes: expect.any(Number),
        needsSharp: false,
        file: join(folder, 'cold/feed/src/feed/handler.cjs'),
        environment: {
          STAGE: 'prod',
          QUEUE_ARN: expect.stringMatching(/^arn:/),
          URL: expect.stringMatching(/^https:/),
        },
      },
    ]);
  });
});

describe('a cold import', () => {
  it('tells the time and the heap that the module holds', async () => {
    const [feed] = packagedFunctions(root, 'zoo');
    if (feed === undefined) throw new Error('expected a function');

    const cold = await importOnce(feed);

    // An array of a million small integers is at least 4 MB.
    expect(cold.heapBytes).toBeGreaterThan(4_000_000);
    expect(cold.milliseconds).toBeGreaterThan(0);
  });

  it('fails when the module does', async () => {
    const file = join(folder, 'broken.cjs');
    writeFileSync(file, 'process.exit(3);');

    await expect(importOnce({ file, environment: {} })).rejects.toThrow('its process ended');
  });
});
