import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { plain, refusal, s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let Bucket: string;
beforeAll(async () => {
  lab = await s3Lab();
  Bucket = await lab.createBucket();
});
afterAll(() => lab.end());

const sign = (options: Partial<PresignedPostOptions> = {}) =>
  createPresignedPost(lab.client, { Bucket, Key: 'form', Conditions: [['content-length-range', 2, 10]], ...options });

async function post(
  { url, fields }: { url: string; fields: Record<string, string> },
  file: string | Blob = 'hello',
  name = 'photo.jpg',
) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('file', typeof file === 'string' ? new Blob([file]) : file, name);
  return fetch(url, { method: 'POST', body: form, redirect: 'manual' });
}
const read = async (Key: string) =>
  (await lab.client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

describe('a form with a policy', () => {
  it('stores its file under its key', async () => {
    const answer = await post(await sign());
    expect(answer.status).toBe(204);
    expect(answer.headers.get('etag')).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(await read('form')).toBe('hello');
  });

  it('answers 201 with a document that names the object', async () => {
    const { status, text } = await plain(
      await post(await sign({ Key: 'x/ü 1', Fields: { success_action_status: '201' } })),
    );
    expect(status).toBe(201);
    expect(text).toContain('<Key>x/ü 1</Key>');
    expect(text).toMatch(/<Location>[^<]*\/x\/%C3%BC%201<\/Location>/);
    expect(text).toContain('<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>');
  });

  it('redirects when told so', async () => {
    const answer = await post(await sign({ Fields: { success_action_redirect: 'https://example.com/done?a=b' } }));
    expect(answer.status).toBe(303);
    const { searchParams } = new URL(answer.headers.get('location')!);
    expect(Object.fromEntries(searchParams)).toMatchObject({ a: 'b', bucket: Bucket, key: 'form' });
  });

  it('puts the name of the file in the key', async () => {
    const signed = await sign({ Key: 'user/ada/${filename}' });
    expect((await post(signed, 'hello', 'my $& photo.jpg')).status).toBe(204);
    expect(await read('user/ada/my $& photo.jpg')).toBe('hello');
  });

  it('keeps type and metadata', async () => {
    await post(await sign({ Key: 'typed', Fields: { 'Content-Type': 'image/jpeg', 'x-amz-meta-tenant': 'acme' } }));
    expect(await lab.client.send(new HeadObjectCommand({ Bucket, Key: 'typed' }))).toMatchObject({
      ContentType: 'image/jpeg',
      Metadata: { tenant: 'acme' },
    });
  });

  it('takes a file of binary nonsense with line ends and dashes', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\r\n--\r\n----'),
      Buffer.alloc(300_000, '\r\n-'),
      Buffer.from([0, 255, 13, 10]),
    ]);
    const signed = await sign({ Key: 'binary', Conditions: [['content-length-range', 0, 1_000_000]] });
    expect((await post(signed, new Blob([bytes]))).status).toBe(204);
    const { Body } = await lab.client.send(new GetObjectCommand({ Bucket, Key: 'binary' }));
    expect(Buffer.compare(Buffer.from(await Body!.transformToByteArray()), bytes)).toBe(0);
  });

  it.each([
    ['longer than allowed', 'x'.repeat(11), 'EntityTooLarge'],
    ['shorter than allowed', 'x', 'EntityTooSmall'],
  ])('refuses a file %s', async (_name, file, code) => {
    expect(await plain(await post(await sign({ Key: 'sized' }), file))).toMatchObject({ status: 400, code });
    expect(await refusal(read('sized'))).toMatchObject({ code: 'NoSuchKey' });
  });

  it.each([
    ['another key', { key: 'other' }, /Policy Condition failed/],
    ['a field that no condition covers', { 'x-amz-meta-extra': '1' }, /Extra input fields: x-amz-meta-extra/],
    ['another type', { 'Content-Type': 'text/html' }, /Policy Condition failed/],
  ])('refuses %s', async (_name, change, reason) => {
    const { url, fields } = await sign({ Fields: { 'Content-Type': 'image/jpeg' } });
    const { status, code, text } = await plain(await post({ url, fields: { ...fields, ...change } }));
    expect({ status, code }).toEqual({ status: 403, code: 'AccessDenied' });
    expect(text).toMatch(reason);
  });

  it('lets fields begin with what starts-with says', async () => {
    const { url, fields } = await sign({
      Key: 'start/1',
      Conditions: [
        ['starts-with', '$key', 'start/'],
        ['starts-with', '$Content-Type', 'image/'],
      ],
    });
    expect((await post({ url, fields: { ...fields, 'Content-Type': 'image/png' } })).status).toBe(204);
    expect((await post({ url, fields: { ...fields, 'Content-Type': 'text/html' } })).status).toBe(403);
  });

  it('ends', async () => {
    const { url, fields } = await sign({ Expires: -1 });
    const { status, code, text } = await plain(await post({ url, fields }));
    expect({ status, code }).toEqual({ status: 403, code: 'AccessDenied' });
    expect(text).toContain('Invalid according to Policy: Policy expired.');
  });

  it('is void when policy or signature is changed', async () => {
    const { url, fields } = await sign();
    const policy = JSON.parse(Buffer.from(fields['Policy']!, 'base64').toString()) as { conditions: unknown[] };
    policy.conditions = policy.conditions.filter((condition) => !Array.isArray(condition));
    const Policy = Buffer.from(JSON.stringify(policy)).toString('base64');
    expect(await plain(await post({ url, fields: { ...fields, Policy } }))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    expect(await plain(await post({ url, fields: { ...fields, 'X-Amz-Signature': '0'.repeat(64) } }))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    const { Policy: _policy, ...unsigned } = fields;
    expect(await plain(await post({ url, fields: unsigned }))).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  it('is for its own bucket', async () => {
    const other = await lab.createBucket();
    const { url, fields } = await sign();
    expect((await post({ url: url.replace(Bucket, other), fields })).status).toBe(403);
  });

  it('needs key and file', async () => {
    const { url, fields } = await sign();
    const { key: _key, ...keyless } = fields;
    expect(await plain(await post({ url, fields: keyless }))).toMatchObject({ status: 400, code: 'InvalidArgument' });
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    expect(await plain(await fetch(url, { method: 'POST', body: form }))).toMatchObject({
      status: 400,
      code: 'InvalidArgument',
    });
    expect(await plain(await fetch(url, { method: 'POST', body: 'no form' }))).toMatchObject({ status: 412 });
  });
});
