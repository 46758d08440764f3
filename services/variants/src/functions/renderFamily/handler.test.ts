import { GetObjectCommand, type GetObjectCommandOutput, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { variantsResultSchema } from '@darkroom/types/workflow';
import { mockClient } from 'aws-sdk-client-mock';
import { fixture, header, IMAGE_ID, metadata, task, VERSION } from '../../../test/support/pictures.ts';

const s3 = mockClient(S3Client);
const context = { functionName: 'renderFamily', awsRequestId: 'r', memoryLimitInMB: '2048' };

/** A body as the SDK hands it over, for the one method that is used. */
const bodyOf = (bytes: Buffer) =>
  ({ transformToByteArray: () => Promise.resolve(new Uint8Array(bytes)) }) as unknown as NonNullable<
    GetObjectCommandOutput['Body']
  >;

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    VARIANTS_BUCKET: 'variants-bucket',
  });
  return (await import('./handler.ts')).handler as Handler;
};
const event = { task, header: header('jpeg'), metadata: metadata(450, 300), family: 'thumbnail' };

describe('renderFamily handler', () => {
  beforeEach(() => s3.reset());

  it('stores the family and answers its variants', async () => {
    const handler = await loadHandler();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(fixture('landscape_1.jpg')) });
    s3.on(PutObjectCommand).resolves({});
    const { variants } = variantsResultSchema.parse(await handler(event, context));
    const puts = s3
      .commandCalls(PutObjectCommand)
      .map(({ args }) => args[0].input)
      // They are stored in the order in which they are ready.
      .sort((a, b) => (a.Key ?? '').localeCompare(b.Key ?? ''));
    expect(puts.map(({ Bucket, Key, ContentType }) => ({ Bucket, Key, ContentType }))).toEqual([
      { Bucket: 'variants-bucket', Key: `v/${IMAGE_ID}/${VERSION}/320-n.avif`, ContentType: 'image/avif' },
      { Bucket: 'variants-bucket', Key: `v/${IMAGE_ID}/${VERSION}/320-n.jpeg`, ContentType: 'image/jpeg' },
    ]);
    expect(puts.map(({ CacheControl }) => CacheControl)).toEqual(puts.map(() => 'public, max-age=31536000, immutable'));
    expect(variants.map(({ key }) => key)).toEqual(puts.map(({ Key }) => Key));
  });

  it('throws ImageRejected by that name, which the state machine catches', async () => {
    const handler = await loadHandler();
    const whole = fixture('landscape_1.jpg');
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(whole.subarray(0, whole.length / 2)) });
    await expect(handler(event, context)).rejects.toMatchObject({ name: 'ImageRejected' });
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(0);
  });
});
