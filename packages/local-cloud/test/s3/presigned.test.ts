import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { plain, refusal, s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let Bucket: string;
beforeAll(async () => {
  lab = await s3Lab();
  Bucket = await lab.createBucket();
  await lab.client.send(new PutObjectCommand({ Bucket, Key: 'there', Body: 'hello' }));
});
afterAll(() => lab.end());

/** As a service should sign: the SDK's default would add the checksum of an empty body to the URL. */
const signer = () => lab.connect({ requestChecksumCalculation: 'WHEN_REQUIRED' });
const signGet = (options: object = {}) =>
  getSignedUrl(signer(), new GetObjectCommand({ Bucket, Key: 'there' }), options);
const signPut = (Key: string, more: object = {}, options: object = {}) =>
  getSignedUrl(signer(), new PutObjectCommand({ Bucket, Key, ...more }), options);
const send = async (url: string, init?: RequestInit) => plain(await fetch(url, init));
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

describe('a presigned URL', () => {
  it('reads and writes without credentials', async () => {
    expect(await send(await signGet())).toMatchObject({ status: 200, text: 'hello' });
    const answer = await fetch(await signPut('put'), { method: 'PUT', body: new Uint8Array([104, 105]) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    const { ContentLength, ContentType } = await lab.client.send(new HeadObjectCommand({ Bucket, Key: 'put' }));
    // "The default is binary/octet-stream" for a body without a type.
    expect({ ContentLength, ContentType }).toEqual({ ContentLength: 2, ContentType: 'binary/octet-stream' });
  });

  it('made by a client of default settings works, too', async () => {
    const url = await getSignedUrl(lab.client, new PutObjectCommand({ Bucket, Key: 'default' }));
    expect((await send(url, { method: 'PUT', body: 'not empty' })).status).toBe(200);
  });

  it('carries metadata in its query', async () => {
    const url = await signPut('hoisted', { Metadata: { tenant: 'acme' }, Tagging: 'a=b' });
    expect((await send(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect(await lab.client.send(new HeadObjectCommand({ Bucket, Key: 'hoisted' }))).toMatchObject({
      Metadata: { tenant: 'acme' },
      TagCount: 1,
    });
  });

  it('ends', async () => {
    const { status, code, text } = await send(await signGet({ expiresIn: 10, signingDate: ago(12) }));
    expect({ status, code }).toEqual({ status: 403, code: 'AccessDenied' });
    expect(text).toContain('Request has expired');
    expect((await send(await signGet({ expiresIn: 60, signingDate: ago(12) }))).status).toBe(200);
  });

  it('is not valid before its time', async () => {
    expect(await send(await signGet({ signingDate: ago(-3600) }))).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  it.each(['0', '604801', '-1', 'x'])('cannot live for %s seconds', async (expires) => {
    const url = (await signGet()).replace(/X-Amz-Expires=\d+/, `X-Amz-Expires=${expires}`);
    expect(await send(url)).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' });
  });

  it.each<[string, (url: string) => string]>([
    ['key', (url) => url.replace('/there', '/other')],
    [
      'signature',
      (url) =>
        url.replace(/(X-Amz-Signature=)(.)/, (_all, name: string, digit: string) => name + (digit === '0' ? '1' : '0')),
    ],
    ['expiry', (url) => url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=3600')],
    ['region', (url) => url.replace(/(X-Amz-Credential=test%2F\d+%2F)[\w-]+/, '$1mars-north-1')],
    [
      'date',
      (url) => url.replace(/(X-Amz-Date=\d{8}T\d{4})\d\d/, (_all, head: string) => `${head}61`.replace(/61$/, '00')),
    ],
    ['query', (url) => `${url}&response-content-type=text/html`],
  ])('is void when its %s is changed', async (_name, tamper) => {
    const url = await signGet({
      expiresIn: 900,
      signingDate: new Date(Math.floor(Date.now() / 60_000) * 60_000 + 1000 - 60_000),
    });
    expect((await send(url)).status).toBe(200);
    expect((await send(tamper(url))).status).toBe(403);
  });

  it('is for its method alone', async () => {
    expect(await send(await signGet(), { method: 'PUT', body: 'x' })).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    expect((await send(await signGet(), { method: 'DELETE' })).status).toBe(403);
  });

  it('needs all of its parameters', async () => {
    const url = (await signGet()).replace(/&X-Amz-Date=[^&]*/, '');
    expect(await send(url)).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' });
  });

  it('binds the length and the type that it signs', async () => {
    const url = await signPut(
      'bound',
      { ContentLength: 5, ContentType: 'image/png' },
      { signableHeaders: new Set(['content-type']) },
    );
    const put = (body: string, type: string) => send(url, { method: 'PUT', body, headers: { 'content-type': type } });
    expect((await put('12345', 'image/png')).status).toBe(200);
    expect(await put('123456', 'image/png')).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
    expect(await put('12345', 'text/html')).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  it('binds part and upload', async () => {
    const UploadId = await lab.begin(Bucket, 'parts');
    const url = await getSignedUrl(signer(), new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1 }));
    expect((await send(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect((await send(url.replace('partNumber=1', 'partNumber=2'), { method: 'PUT', body: 'x' })).status).toBe(403);
    const other = await lab.begin(Bucket, 'parts');
    expect((await send(url.replace(UploadId, other), { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('takes no x-amz- header that it does not sign', async () => {
    const put = await send(await signPut('smuggled'), {
      method: 'PUT',
      body: 'x',
      headers: { 'x-amz-meta-tenant': 'other' },
    });
    expect(put).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  it('writes only once with If-None-Match', async () => {
    const url = await signPut('once', { IfNoneMatch: '*' });
    const headers = { 'if-none-match': '*' };
    expect((await send(url, { method: 'PUT', body: 'x', headers })).status).toBe(200);
    expect(await send(url, { method: 'PUT', body: 'y', headers })).toMatchObject({
      status: 412,
      code: 'PreconditionFailed',
    });
    expect((await send(url, { method: 'PUT', body: 'y' })).status).toBe(403);
  });
});

describe('a request', () => {
  it('without a signature reaches nothing private', async () => {
    for (const path of ['', `/${Bucket}`, `/${Bucket}/there`, `/${Bucket}/none`]) {
      expect(await send(`${lab.endpoint}${path}`)).toMatchObject({ status: 403, code: 'AccessDenied' });
    }
    expect(await send(`${lab.endpoint}/${Bucket}/anonymous`, { method: 'PUT', body: 'x' })).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  it('signed with a wrong secret or by a stranger is refused', async () => {
    const wrong = lab.connect({ credentials: { ...lab.clientConfig.credentials, secretAccessKey: 'wrong' } });
    const stranger = lab.connect({ credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' } });
    const get = new GetObjectCommand({ Bucket, Key: 'there' });
    expect(await refusal(wrong.send(get))).toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 });
    expect(await refusal(stranger.send(get))).toMatchObject({ code: 'InvalidAccessKeyId', status: 403 });
  });

  it('of an old clock is refused', async () => {
    // The SDK corrects its clock by the answer and tries again; one attempt shows the refusal.
    const slow = lab.connect({ systemClockOffset: -20 * 60_000, maxAttempts: 1 });
    expect(await refusal(slow.send(new GetObjectCommand({ Bucket, Key: 'there' })))).toMatchObject({
      code: 'RequestTimeTooSkewed',
      status: 403,
    });
  });
});
