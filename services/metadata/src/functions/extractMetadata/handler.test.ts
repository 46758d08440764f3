import { GetObjectCommand, type GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { metadataResultSchema } from '@darkroom/types/workflow';
import { mockClient } from 'aws-sdk-client-mock';
import sharp from 'sharp';

const s3 = mockClient(S3Client);
const context = { functionName: 'extractMetadata', awsRequestId: 'r', memoryLimitInMB: '1024' };
const event = {
  task: {
    schemaVersion: 1,
    imageId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    tenant: 'acme',
    owner: null,
    bucket: 'originals',
    key: 'originals/00/01ARZ3NDEKTSV4RRFFQ69G5FAV/source',
    bytes: 1,
    etag: 'e',
    sequencer: '',
    attempt: 1,
    filename: null,
    declaredType: null,
    announcedSha256: null,
    uploadedAt: '2026-11-23T20:40:00.000Z',
  },
  header: {
    format: 'jpeg',
    width: 32,
    height: 24,
    orientation: 1,
    frames: 1,
    progressive: false,
    hasAlpha: false,
    channels: 3,
  },
};

/** A body as the SDK hands it over, for the one method that is used. */
const bodyOf = (bytes: Buffer) =>
  ({ transformToByteArray: () => Promise.resolve(new Uint8Array(bytes)) }) as unknown as NonNullable<
    GetObjectCommandOutput['Body']
  >;

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', POWERTOOLS_LOG_LEVEL: 'SILENT', TAGGER: 'local' });
  return (await import('./handler.ts')).handler as Handler;
};

describe('extractMetadata handler', () => {
  beforeEach(() => s3.reset());

  it('reads the original once and answers its metadata', async () => {
    const handler = await loadHandler();
    const original = await sharp({ create: { width: 32, height: 24, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(original) });
    const metadata = metadataResultSchema.parse(await handler(event, context));
    expect(metadata).toMatchObject({ width: 32, height: 24, tags: [] });
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(1);
  });

  it('throws ImageRejected by that name, which the state machine catches', async () => {
    const handler = await loadHandler();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(Buffer.from('\xff\xd8\xff\xe0not a picture', 'latin1')) });
    await expect(handler(event, context)).rejects.toMatchObject({ name: 'ImageRejected' });
  });
});
