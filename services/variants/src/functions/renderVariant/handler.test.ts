import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import sharp from 'sharp';
import { fixture, header, IMAGE_ID, metadata, task, VERSION } from '../../../test/support/pictures.ts';

const s3 = mockClient(S3Client);
const ssm = mockClient(SSMClient);
const catalogue = mockClient(DynamoDBDocumentClient);

const record = (status: string) => ({
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: null,
  status,
  attempt: 1,
  etag: 'e',
  sequencer: '',
  bucket: task.bucket,
  key: task.key,
  bytes: 1,
  filename: null,
  declaredType: null,
  uploadedAt: task.uploadedAt,
  updatedAt: task.uploadedAt,
  terminalAt: task.uploadedAt,
  reason: null,
  header: header('jpeg'),
  metadata: metadata(450, 300),
  variants: [],
});

/** A body as the SDK hands it over, for the one method that is used. */
const bodyOf = (bytes: Buffer) =>
  ({ transformToByteArray: () => Promise.resolve(new Uint8Array(bytes)) }) as unknown as NonNullable<
    GetObjectCommandOutput['Body']
  >;

/** Payload 2.0 of a function URL. */
const eventOf = (path: string, method = 'GET') => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'x.lambda-url.eu-west-1.on.aws' },
  requestContext: {
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 't' },
    stage: '$default',
  },
  isBase64Encoded: false,
});
const context = { functionName: 'renderVariant', awsRequestId: 'request-1', memoryLimitInMB: '2048' };

interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}
type Handler = (event: unknown, context: unknown) => Promise<Answer>;
const call = async (path: string): Promise<Answer> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    VARIANTS_BUCKET: 'variants-bucket',
    DEMAND_TABLE: 'the-demand-table',
    CATALOGUE_TABLE_PARAMETER: '/test/darkroom/metadata/catalogue-table-name',
  });
  const handler = (await import('./handler.ts')).handler as unknown as Handler;
  return handler(eventOf(path), context);
};
const path = (name: string) => `/v/${IMAGE_ID}/${VERSION}/${name}`;

const missing = new S3ServiceException({
  name: 'NoSuchKey',
  $fault: 'client',
  $metadata: { httpStatusCode: 404 },
});

describe('renderVariant handler', () => {
  beforeEach(() => {
    s3.reset();
    ssm.reset();
    catalogue.reset();
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'the-table' } });
    catalogue.on(GetCommand).resolves({ Item: record('READY') });
    catalogue.on(PutCommand).resolves({});
    s3.on(GetObjectCommand, { Bucket: 'variants-bucket' }).rejects(missing);
    s3.on(GetObjectCommand, { Bucket: task.bucket }).resolves({ Body: bodyOf(fixture('landscape_1.jpg')) });
    s3.on(PutObjectCommand).resolves({});
  });

  it('answers the picture itself, to be kept for ever', async () => {
    const answer = await call(path('320-n.webp'));
    expect(answer).toMatchObject({
      statusCode: 200,
      isBase64Encoded: true,
      headers: { 'content-type': 'image/webp', 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect(await sharp(Buffer.from(answer.body, 'base64')).metadata()).toMatchObject({ format: 'webp', width: 320 });
    expect(catalogue.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({
      TableName: 'the-table',
      Key: { imageId: IMAGE_ID },
    });
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'variants-bucket',
      Key: path('320-n.webp').slice(1),
      ContentType: 'image/webp',
      CacheControl: 'public, max-age=31536000, immutable',
      IfNoneMatch: '*',
    });
    expect(catalogue.commandCalls(PutCommand)[0]?.args[0].input.TableName).toBe('the-demand-table');
  });

  it('answers what is stored already without rendering or storing', async () => {
    s3.on(GetObjectCommand, { Bucket: 'variants-bucket' }).resolves({ Body: bodyOf(Buffer.from('there')) });
    const answer = await call(path('320-n.webp'));
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'image/webp', 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect(Buffer.from(answer.body, 'base64').toString()).toBe('there');
    expect(s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  it('sends other names of a file to the one it is stored under', async () => {
    await expect(call(path('2048-l.avif'))).resolves.toMatchObject({
      statusCode: 302,
      headers: { location: path('640-n.avif'), 'cache-control': 'public, max-age=86400' },
    });
  });

  it('answers 404 with a code, for a short while, where there is nothing', async () => {
    catalogue.on(GetCommand).resolves({ Item: record('DELETED') });
    const answer = await call(path('320-n.jpeg'));
    expect(answer).toMatchObject({ statusCode: 404, headers: { 'cache-control': 'public, max-age=10' } });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'NOT_FOUND', requestId: 'request-1' });
    await expect(call('/elsewhere')).resolves.toMatchObject({ statusCode: 404 });
  });
});
