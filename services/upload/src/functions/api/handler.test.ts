import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createUploadResponseSchema } from '@darkroom/types/api';
import { signToken } from '@darkroom/runtime/tokens';
import { mockClient } from 'aws-sdk-client-mock';
import { accessClaims, SECRET } from '../../../test/support/fixtures.ts';

const ssm = mockClient(SSMClient);

const eventOf = (method: string, path: string, init: { headers?: Record<string, string>; body?: string }) => ({
  version: '2.0',
  routeKey: `${method} ${path}`,
  rawPath: path,
  rawQueryString: '',
  headers: init.headers ?? {},
  requestContext: { http: { method, path }, domainName: 'api.test', requestId: 'r', stage: '$default' },
  ...(init.body !== undefined && { body: Buffer.from(init.body).toString('base64') }),
  isBase64Encoded: true,
});

interface Answer {
  statusCode: number;
  body: string;
}
type Handler = (event: unknown, context: unknown) => Promise<Answer>;

const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    STAGE: 'test',
    ORIGINALS_BUCKET: 'darkroom-test-originals',
    TOKEN_SECRET_PARAMETER: '/test/darkroom/shared/token-secret',
    MAX_UPLOAD_BYTES: '1000',
    PRESIGNED_SECONDS: '',
  });
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: SECRET } });
  return (await import('./handler.ts')).handler as unknown as Handler;
};

describe('api handler', () => {
  it('answers an API Gateway event with a form that S3 takes, under the limits of its environment', async () => {
    const handler = await loadHandler();
    const claims = accessClaims({ exp: Math.floor(Date.now() / 1000) + 60 });
    const headers = { authorization: `Bearer ${signToken(claims, SECRET)}` };
    const announce = (size: number) =>
      handler(eventOf('POST', '/uploads', { headers, body: JSON.stringify({ size, contentType: 'image/png' }) }), {
        awsRequestId: 'request-1',
      });

    const [taken, refused] = [await announce(1000), await announce(1001)];

    expect(taken.statusCode).toBe(201);
    const { upload } = createUploadResponseSchema.parse(JSON.parse(taken.body));
    expect(upload).toMatchObject({ kind: 'post', url: 'https://darkroom-test-originals.s3.eu-west-1.amazonaws.com/' });
    expect(refused.statusCode).toBe(413);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'TOO_MANY_BYTES', requestId: 'request-1' });
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);
  });
});
