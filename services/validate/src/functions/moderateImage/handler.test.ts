import { readFileSync } from 'node:fs';
import { GetObjectCommand, type GetObjectCommandOutput, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { moderationSchema } from '@darkroom/types/image';
import { mockClient } from 'aws-sdk-client-mock';
import { header, task } from '../../../test/support/tasks.ts';

const s3 = mockClient(S3Client);
const context = { functionName: 'moderateImage', awsRequestId: 'r', memoryLimitInMB: '2048' };
const photograph = readFileSync(new URL('../../../../../packages/vision/test/fixtures/cat.jpg', import.meta.url));
const bodyOf = (bytes: Buffer) =>
  ({ transformToByteArray: () => Promise.resolve(new Uint8Array(bytes)) }) as unknown as NonNullable<
    GetObjectCommandOutput['Body']
  >;

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', POWERTOOLS_LOG_LEVEL: 'SILENT', MODERATOR: 'local' });
  return (await import('./handler.ts')).handler as Handler;
};

describe('moderateImage handler', () => {
  beforeEach(() => {
    s3.reset();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(photograph) });
  });

  it('looks at the glance that came along, and reads nothing', async () => {
    const handler = await loadHandler();
    const metadata = { width: 480, height: 300, glance: { jpeg: photograph.toString('base64') } };

    const moderation = moderationSchema.parse(await handler({ task: task(), header: header(), metadata }, context));

    expect(moderation).toMatchObject({ verdict: 'allowed', model: 'nsfwjs-mobilenet-v2-mid@4.4.0' });
    expect(s3.calls()).toEqual([]);
  });

  it('reads the original where none came along, and answers the same', async () => {
    const handler = await loadHandler();
    const metadata = { glance: { jpeg: photograph.toString('base64') } };

    const moderation = await handler({ task: task(), header: header() }, context);

    expect(moderation).toEqual(await handler({ task: task(), header: header(), metadata }, context));
    expect(s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input)).toEqual([
      { Bucket: 'originals', Key: task().key },
    ]);
  });

  it('refuses a damaged picture by its name, which the state machine catches', async () => {
    const handler = await loadHandler();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(photograph.subarray(0, 9_000)) });

    await expect(handler({ task: task(), header: header() }, context)).rejects.toMatchObject({ name: 'ImageRejected' });
  });

  it('names throttling TransientError, which the state machine retries', async () => {
    const handler = await loadHandler();
    const slow = { name: 'SlowDown', $fault: 'server', $metadata: { httpStatusCode: 503 } } as const;
    s3.on(GetObjectCommand).rejects(new S3ServiceException(slow));

    await expect(handler({ task: task(), header: header() }, context)).rejects.toMatchObject({
      name: 'TransientError',
    });
  });
});
