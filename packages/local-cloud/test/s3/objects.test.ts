import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type GetObjectCommandInput,
} from '@aws-sdk/client-s3';
import { refusal, s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let Bucket: string;
beforeAll(async () => {
  lab = await s3Lab();
  Bucket = await lab.createBucket();
});
afterAll(() => lab.end());

const put = (Key: string, Body: string | Buffer, more: object = {}) =>
  lab.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
async function get(Key: string, more: Partial<GetObjectCommandInput> = {}) {
  const answer = await lab.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, text: await answer.Body!.transformToString() };
}

describe('buckets', () => {
  it('are listed, headed and located', async () => {
    const { Buckets = [] } = await lab.client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
    const { BucketRegion } = await lab.client.send(new HeadBucketCommand({ Bucket }));
    expect(BucketRegion).toBe(lab.clientConfig.region);
    const { LocationConstraint } = await lab.client.send(new GetBucketLocationCommand({ Bucket }));
    // "Buckets in Region us-east-1 have a LocationConstraint of null."
    expect(LocationConstraint ?? 'us-east-1').toBe(lab.clientConfig.region);
  });

  it('cannot be made twice or with a bad name, nor removed while full', async () => {
    await put('occupied', 'x');
    if (lab.clientConfig.region !== 'us-east-1') {
      expect(await refusal(lab.client.send(new CreateBucketCommand({ Bucket })))).toMatchObject({
        code: 'BucketAlreadyOwnedByYou',
        status: 409,
      });
    }
    expect(await refusal(lab.client.send(new CreateBucketCommand({ Bucket: 'Bad_Name' })))).toMatchObject({
      code: 'InvalidBucketName',
      status: 400,
    });
    expect(await refusal(lab.client.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
      code: 'BucketNotEmpty',
      status: 409,
    });
  });

  it('that do not exist answer 404', async () => {
    const missing = `${Bucket}-missing`.slice(0, 63);
    expect(await refusal(lab.client.send(new HeadBucketCommand({ Bucket: missing })))).toMatchObject({ status: 404 });
    expect(
      await refusal(lab.client.send(new PutObjectCommand({ Bucket: missing, Key: 'k', Body: 'x' }))),
    ).toMatchObject({ code: 'NoSuchBucket', status: 404 });
  });
});

describe('PutObject and GetObject', () => {
  it('keep bytes, type, headers and metadata', async () => {
    const headers = {
      ContentType: 'image/jpeg',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline; filename="a.jpg"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      StorageClass: 'STANDARD_IA' as const,
    };
    const { ETag } = await put('kept', 'hello', { ...headers, Metadata: { owner: 'ada', 'two-words': 'x y' } });
    // "The ETag is the MD5 of the object data" for objects put in one piece with SSE-S3.
    expect(ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);

    const got = await get('kept');
    expect(got).toMatchObject({ text: 'hello', ETag, ContentLength: 5, AcceptRanges: 'bytes', ...headers });
    expect(got.Metadata).toEqual({ owner: 'ada', 'two-words': 'x y' });
    const head = await lab.client.send(new HeadObjectCommand({ Bucket, Key: 'kept' }));
    expect(head).toMatchObject({ ETag, ContentLength: 5, Metadata: { owner: 'ada' } });
    expect(Date.now() - head.LastModified!.getTime()).toBeLessThan(60_000);
  });

  it('take an empty object', async () => {
    await put('empty', '');
    expect(await get('empty')).toMatchObject({
      text: '',
      ContentLength: 0,
      ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
    });
  });

  it.each([
    'a b+c&d=e?f#g%2Fh.txt',
    'ünï/çødé/日本/😀.jpg',
    '../../../etc/passwd',
    './/double//slash/',
    'quote\'"<>&.txt',
    'new\nline\ttab',
    '%00%zz%',
  ])('take the key %j and list it unchanged', async (Key) => {
    await put(Key, Key);
    expect((await get(Key)).text).toBe(Key);
    await lab.client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await refusal(get(Key))).toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  it('refuse a key of more than 1024 bytes and metadata of more than 2 KB', async () => {
    await put('ü'.repeat(512), 'x');
    expect(await refusal(put('ü'.repeat(513), 'x'))).toMatchObject({ code: 'KeyTooLongError', status: 400 });
    expect(await refusal(put('meta', 'x', { Metadata: { big: 'x'.repeat(2048) } }))).toMatchObject({
      code: 'MetadataTooLarge',
      status: 400,
    });
  });

  it('take a stream, which the SDK sends aws-chunked with a trailer', async () => {
    const body = Buffer.concat([Buffer.alloc(200_000, 1), Buffer.alloc(100_001, 2)]);
    const stream = Readable.from([body.subarray(0, 7), body.subarray(7, 250_000), body.subarray(250_000)]);
    const { ChecksumCRC32 } = await lab.client.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body: stream, ContentLength: body.length }),
    );
    expect(ChecksumCRC32).toBeDefined();
    const answer = await lab.client.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    expect(Buffer.compare(Buffer.from(await answer.Body!.transformToByteArray()), body)).toBe(0);
    // aws-chunked is "not stored as part of the object's content encoding".
    expect(answer.ContentEncoding).toBeUndefined();
  });

  it('give an object of several megabytes back unchanged', async () => {
    const body = Buffer.alloc(9 * 1024 * 1024 + 17, 'darkroom');
    await put('large', body);
    const answer = await lab.client.send(new GetObjectCommand({ Bucket, Key: 'large' }));
    expect(Buffer.compare(Buffer.from(await answer.Body!.transformToByteArray()), body)).toBe(0);
  });
});

describe('ranges', () => {
  beforeAll(() => put('digits', '0123456789'));

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('%s gives %s', async (Range, text, ContentRange) => {
    expect(await get('digits', { Range })).toMatchObject({
      text,
      ContentRange,
      ContentLength: text.length,
      $metadata: { httpStatusCode: 206 },
    });
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('%s is not satisfiable', async (Range) => {
    expect(await refusal(get('digits', { Range }))).toMatchObject({ code: 'InvalidRange', status: 416 });
  });

  it.each(['bytes=4-2', 'chars=1-2', 'bytes=a-b'])('%s is ignored', async (Range) => {
    expect(await get('digits', { Range })).toMatchObject({ text: '0123456789', $metadata: { httpStatusCode: 200 } });
  });
});

describe('conditions of reading', () => {
  let ETag: string;
  const past = new Date(Date.now() - 3_600_000);
  const future = new Date(Date.now() + 3_600_000);
  beforeAll(async () => {
    ETag = (await put('conditional', 'x')).ETag!;
  });

  it.each([
    ['If-Match of another ETag', () => ({ IfMatch: '"0"' }), 412],
    ['If-None-Match of its ETag', () => ({ IfNoneMatch: ETag }), 304],
    ['If-Modified-Since the future', () => ({ IfModifiedSince: future }), 304],
    ['If-Unmodified-Since the past', () => ({ IfUnmodifiedSince: past }), 412],
    // RFC 9110 13.2.2: If-Match is judged before If-Unmodified-Since, If-None-Match before If-Modified-Since.
    ['If-None-Match of its ETag, modified since the past', () => ({ IfNoneMatch: ETag, IfModifiedSince: past }), 304],
  ])('%s gives no body', async (_name, condition, status) => {
    expect((await refusal(get('conditional', condition()))).status).toBe(status);
    expect(
      (await refusal(lab.client.send(new HeadObjectCommand({ Bucket, Key: 'conditional', ...condition() })))).status,
    ).toBe(status);
  });

  it.each([
    ['If-Match of its ETag', () => ({ IfMatch: ETag })],
    ['If-Match of its ETag, unmodified since the past', () => ({ IfMatch: ETag, IfUnmodifiedSince: past })],
    ['If-None-Match of another', () => ({ IfNoneMatch: '"0"' })],
    ['If-Modified-Since the past', () => ({ IfModifiedSince: past })],
    ['If-Unmodified-Since the future', () => ({ IfUnmodifiedSince: future })],
  ])('%s gives the object', async (_name, condition) => {
    expect((await get('conditional', condition())).text).toBe('x');
  });
});

describe('conditions of writing', () => {
  it('If-None-Match: * writes only where nothing is', async () => {
    await put('once', 'first', { IfNoneMatch: '*' });
    expect(await refusal(put('once', 'second', { IfNoneMatch: '*' }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
    expect((await get('once')).text).toBe('first');
  });

  it('lets one of ten racing writers win', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => put('race', `writer ${index}`, { IfNoneMatch: '*' })),
    );
    const winners = results.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect((await get('race')).text).toBe(`writer ${results.indexOf(winners[0]!)}`);
  });

  it('If-Match writes only over what the writer saw', async () => {
    const { ETag } = await put('seen', 'one');
    await put('seen', 'two', { IfMatch: ETag });
    expect(await refusal(put('seen', 'three', { IfMatch: ETag }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
    expect(await refusal(put('never-there', 'x', { IfMatch: ETag }))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    expect((await get('seen')).text).toBe('two');
  });
});

describe('response-* parameters', () => {
  it('choose the headers of the answer', async () => {
    await put('renamed', 'x', { ContentType: 'image/png' });
    const got = await get('renamed', {
      ResponseContentType: 'text/plain',
      ResponseContentDisposition: 'attachment',
      ResponseCacheControl: 'no-store',
    });
    expect(got).toMatchObject({
      ContentType: 'text/plain',
      ContentDisposition: 'attachment',
      CacheControl: 'no-store',
    });
  });
});

describe('checksums', () => {
  it.each([
    ['CRC32', 'ChecksumCRC32', 'NhCmhg=='],
    ['CRC32C', 'ChecksumCRC32C', 'mnG7TA=='],
    ['SHA1', 'ChecksumSHA1', 'qvTGHdzF6KLavt4PO0gs2a6pQ00='],
    ['SHA256', 'ChecksumSHA256', 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='],
  ] as const)('%s is kept, and given when asked for', async (ChecksumAlgorithm, member, value) => {
    expect(await put(`sum-${ChecksumAlgorithm}`, 'hello', { ChecksumAlgorithm })).toMatchObject({ [member]: value });
    expect((await get(`sum-${ChecksumAlgorithm}`, { ChecksumMode: 'ENABLED' }))[member]).toBe(value);
    const quiet = lab.connect({ responseChecksumValidation: 'WHEN_REQUIRED' });
    expect(
      (await quiet.send(new HeadObjectCommand({ Bucket, Key: `sum-${ChecksumAlgorithm}` })))[member],
    ).toBeUndefined();
  });

  it.each([
    ['a wrong CRC32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['a wrong SHA-256', { ChecksumSHA256: `${'A'.repeat(43)}=` }, 'BadDigest'],
    ['a wrong Content-MD5', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    ['a Content-MD5 that is none', { ContentMD5: 'nonsense' }, 'InvalidDigest'],
    ['a CRC32 that is none', { ChecksumCRC32: 'nonsense' }, 'InvalidRequest'],
  ])('%s is refused and nothing is stored', async (_name, wrong, code) => {
    expect(await refusal(put('never-stored', 'hello', wrong))).toMatchObject({ code, status: 400 });
    expect(await refusal(get('never-stored'))).toMatchObject({ code: 'NoSuchKey' });
  });
});

describe('DeleteObject and DeleteObjects', () => {
  it('remove, and do not mind what is not there', async () => {
    await put('gone', 'x');
    await lab.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    const { $metadata } = await lab.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    expect($metadata.httpStatusCode).toBe(204);
    expect(await refusal(lab.client.send(new HeadObjectCommand({ Bucket, Key: 'gone' })))).toMatchObject({
      code: 'NotFound',
      status: 404,
    });
  });

  it('remove many keys at once', async () => {
    const Objects = ['x/1', 'x/&2', 'x/ 3 '].map((Key) => ({ Key }));
    for (const { Key } of Objects) await put(Key, 'x');
    const { Deleted = [], Errors = [] } = await lab.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [...Objects, { Key: 'x/none' }] } }),
    );
    // "If the object specified in the request is not found, Amazon S3 returns the result as deleted."
    expect(Deleted.map(({ Key }) => Key)).toEqual(['x/1', 'x/&2', 'x/ 3 ', 'x/none']);
    expect(Errors).toEqual([]);
    expect(await refusal(get('x/ 3 '))).toMatchObject({ code: 'NoSuchKey' });
    const quiet = await lab.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    expect(quiet.Deleted).toBeUndefined();
  });
});

describe('CopyObject', () => {
  beforeAll(() => put('source ü+ .txt', 'copied', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 't=1' }));
  const copy = (Key: string, more: object = {}) =>
    lab.client.send(
      new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${encodeURIComponent('source ü+ .txt')}`, ...more }),
    );

  it('takes bytes, metadata and tags along', async () => {
    const { CopyObjectResult } = await copy('copy');
    expect(CopyObjectResult!.ETag).toBe(`"${createHash('md5').update('copied').digest('hex')}"`);
    expect(await get('copy')).toMatchObject({
      text: 'copied',
      ContentType: 'text/plain',
      Metadata: { a: '1' },
      TagCount: 1,
    });
  });

  it('replaces metadata when told so', async () => {
    await copy('replaced', { MetadataDirective: 'REPLACE', Metadata: { b: '2' }, ContentType: 'text/html' });
    expect(await get('replaced')).toMatchObject({ ContentType: 'text/html', Metadata: { b: '2' } });
  });

  it('refuses a copy that changes nothing, a missing source and a condition that does not hold', async () => {
    expect(await refusal(copy('source ü+ .txt'))).toMatchObject({ code: 'InvalidRequest', status: 400 });
    expect(await refusal(copy('x', { CopySource: `${Bucket}/none` }))).toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    });
    expect(await refusal(copy('x', { CopySourceIfMatch: '"0"' }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
  });
});

describe('tags', () => {
  it('come by header and by API', async () => {
    await put('tagged', 'x', { Tagging: 'kind=photo&a%20b=c%2Bd' });
    const read = async () => (await lab.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet;
    expect(await read()).toEqual([
      { Key: 'kind', Value: 'photo' },
      { Key: 'a b', Value: 'c+d' },
    ]);

    await lab.client.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: [{ Key: 'k', Value: '<v>' }] } }),
    );
    expect(await read()).toEqual([{ Key: 'k', Value: '<v>' }]);
    await lab.client.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect(await read()).toEqual([]);
  });

  it('are ten at most', async () => {
    const Tagging = Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&');
    expect(await refusal(put('overtagged', 'x', { Tagging }))).toMatchObject({ status: 400 });
  });
});
