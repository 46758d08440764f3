import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { signToken } from '@darkroom/runtime/tokens';
import {
  companionCompleteSchema,
  companionMultipartSchema,
  companionParamsSchema,
  companionPartUrlSchema,
} from '@darkroom/types/companion';
import { mockClient } from 'aws-sdk-client-mock';
import { accessClaims, SECRET } from '../../../test/support/fixtures.ts';

const ssm = mockClient(SSMClient);
const s3 = mockClient(S3Client);
const BUCKET = 'darkroom-test-originals';

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}
type Handler = (event: unknown, context: unknown) => Promise<Answer>;

const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    STAGE: 'test',
    ORIGINALS_BUCKET: BUCKET,
    TOKEN_SECRET_PARAMETER: '/test/darkroom/shared/token-secret',
    MAX_UPLOAD_BYTES: '',
    PRESIGNED_SECONDS: '',
  });
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: SECRET } });
  return (await import('./handler.ts')).handler as unknown as Handler;
};

const access = () => signToken(accessClaims({ exp: Math.floor(Date.now() / 1000) + 60 }), SECRET);

/** As API Gateway calls the function for `ANY /u/{token}/s3/{proxy+}`. */
const callOf = (handler: Handler) => {
  const token = access();
  return async (
    method: string,
    route: string,
    body?: unknown,
  ): Promise<{ status: number; headers: Record<string, string>; body: unknown }> => {
    const [path = '', query = ''] = route.split('?');
    const rawPath = `/u/${token}/s3${path}`;
    const answer = await handler(
      {
        version: '2.0',
        routeKey: 'ANY /u/{token}/s3/{proxy+}',
        rawPath,
        rawQueryString: query,
        headers: { 'content-type': 'application/json' },
        requestContext: { http: { method, path: rawPath }, domainName: 'api.test', requestId: 'r', stage: '$default' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        isBase64Encoded: false,
      },
      { awsRequestId: 'request-1' },
    );
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) as unknown };
  };
};

beforeEach(() => {
  s3.reset();
});

describe('companion handler', () => {
  it('signs a form without a call to anybody', async () => {
    const call = callOf(await loadHandler());
    const { status, body } = await call(
      'GET',
      '/params?filename=%E5%86%99%E7%9C%9F.jpg&type=image%2Fjpeg&metadata%5Bname%5D=%E5%86%99%E7%9C%9F.jpg',
    );

    expect(status).toBe(200);
    const { url, fields } = companionParamsSchema.parse(body);
    expect(url).toBe(`https://${BUCKET}.s3.eu-west-1.amazonaws.com/`);
    // Names and casing of the fields as Companion's own SDK writes them.
    expect(Object.keys(fields).sort()).toEqual(
      [
        'Policy',
        'X-Amz-Algorithm',
        'X-Amz-Credential',
        'X-Amz-Date',
        'X-Amz-Signature',
        'bucket',
        'content-type',
        'key',
        'success_action_status',
        'x-amz-meta-filename',
        'x-amz-meta-name',
        'x-amz-meta-owner',
        'x-amz-meta-tenant',
      ].sort(),
    );
    expect(fields).toMatchObject({
      'x-amz-meta-name': '写真.jpg',
      'content-type': 'image/jpeg',
      success_action_status: '201',
    });
    expect(s3.calls()).toEqual([]);
  });

  it('opens, signs, joins and says so again, with one call to S3 for each that needs one', async () => {
    const call = callOf(await loadHandler());
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'S3/upload+id' });
    const opened = await call('POST', '/multipart', { filename: 'a.jpg', type: 'image/jpeg', metadata: { name: 'é' } });
    const { key, uploadId } = companionMultipartSchema.parse(opened.body);
    expect(s3.call(0).args[0].input).toMatchObject({
      Bucket: BUCKET,
      Key: key,
      Metadata: { tenant: 'acme', name: '=?UTF-8?B?w6k=?=' },
    });
    expect(uploadId).not.toContain('S3/upload');

    const query = `key=${encodeURIComponent(key)}`;
    s3.reset();
    const part = companionPartUrlSchema.parse(
      (await call('GET', `/multipart/${encodeURIComponent(uploadId)}/1?${query}`)).body,
    );
    const url = new URL(part.url);
    expect(url.origin + url.pathname).toBe(`https://${BUCKET}.s3.eu-west-1.amazonaws.com/${key}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      uploadId: 'S3/upload+id',
      partNumber: '1',
      'X-Amz-Expires': '21600',
    });
    expect(s3.calls()).toEqual([]);

    s3.on(ListPartsCommand).resolvesOnce({ Parts: [{ PartNumber: 1, ETag: '"e"', Size: 9 }] });
    s3.on(CompleteMultipartUploadCommand).resolvesOnce({ ETag: '"whole-1"' });
    const completed = await call('POST', `/multipart/${uploadId}/complete?${query}`, {
      parts: [{ PartNumber: 1, ETag: 'e' }],
    });
    s3.on(ListPartsCommand).rejects(Object.assign(new Error('gone'), { name: 'NoSuchUpload' }));
    s3.on(HeadObjectCommand).resolves({ ETag: '"whole-1"', ContentLength: 9 });
    const repeated = await call('POST', `/multipart/${uploadId}/complete?${query}`, {
      parts: [{ PartNumber: 1, ETag: '"e"' }],
    });

    expect(companionCompleteSchema.parse(completed.body)).toEqual({
      location: `https://${BUCKET}.s3.eu-west-1.amazonaws.com/${key}`,
      key,
      bucket: BUCKET,
    });
    expect(repeated).toEqual(completed);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);
  });
});
