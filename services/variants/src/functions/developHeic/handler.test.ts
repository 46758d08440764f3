import { GetObjectCommand, type GetObjectCommandOutput, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { developedKey } from '@darkroom/types/keys';
import { developResultSchema } from '@darkroom/types/workflow';
import { mockClient } from 'aws-sdk-client-mock';
import { fixture, header, IMAGE_ID, task } from '../../../test/support/pictures.ts';

const s3 = mockClient(S3Client);
const context = { functionName: 'developHeic', awsRequestId: 'r', memoryLimitInMB: '2048' };
const original = fixture('cheers_1440x960.heic');
const event = { task, header: header('heic', { width: 1440, height: 960 }) };

/** A body as the SDK hands it over, for the one method that is used. */
const bodyOf = (bytes: Buffer) =>
  ({ transformToByteArray: () => Promise.resolve(new Uint8Array(bytes)) }) as unknown as NonNullable<
    GetObjectCommandOutput['Body']
  >;

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', POWERTOOLS_LOG_LEVEL: 'SILENT' });
  return (await import('./handler.ts')).handler as Handler;
};

describe('developHeic handler', () => {
  beforeEach(() => s3.reset());

  it("stores the stand-in in the original's bucket and answers its key", async () => {
    const handler = await loadHandler();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(original) });
    s3.on(PutObjectCommand).resolves({});
    const { key } = developResultSchema.parse(await handler(event, context));
    expect(key).toBe(developedKey(IMAGE_ID));
    expect(s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input)).toEqual([
      expect.objectContaining({ Bucket: task.bucket, Key: key, ContentType: 'image/jpeg' }),
    ]);
  });

  it('throws ImageRejected by that name, which the state machine catches', async () => {
    const handler = await loadHandler();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(original.subarray(0, 20_000)) });
    await expect(handler(event, context)).rejects.toMatchObject({ name: 'ImageRejected' });
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(0);
  });
});
