import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { PART, refusal, s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let Bucket: string;
beforeAll(async () => {
  lab = await s3Lab();
  Bucket = await lab.createBucket();
});
afterAll(() => lab.end());

const bytes = async (Key: string, more: object = {}) => {
  const { Body } = await lab.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await Body!.transformToByteArray());
};
const upload = async (Key: string) => ({ Bucket, Key, UploadId: await lab.begin(Bucket, Key) });

describe('a multipart upload', () => {
  it('becomes its parts in order, whatever the order they came in', async () => {
    const target = await upload('ordered');
    const [one, two, three] = [Buffer.alloc(PART, 1), Buffer.alloc(PART + 3, 2), Buffer.from('end')];
    const third = await lab.putPart(target, 7, three);
    const first = await lab.putPart(target, 1, one);
    const second = await lab.putPart(target, 3, two);
    const { ETag, Location, Key } = await lab.complete(target, [first, second, third]);

    // The ETag of a multipart object: MD5 of the parts' MD5s, a dash, their number.
    const md5s = [one, two, three].map((part) => createHash('md5').update(part).digest());
    expect(ETag).toBe(`"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-3"`);
    expect(Location).toContain('ordered');
    expect(Key).toBe('ordered');
    const whole = Buffer.concat([one, two, three]);
    expect(Buffer.compare(await bytes('ordered'), whole)).toBe(0);
    expect(
      Buffer.compare(
        await bytes('ordered', { Range: `bytes=${PART - 2}-${PART + 1}` }),
        whole.subarray(PART - 2, PART + 2),
      ),
    ).toBe(0);
    const { PartsCount, ContentLength } = await lab.client.send(
      new HeadObjectCommand({ Bucket, Key: 'ordered', PartNumber: 2 }),
    );
    expect({ PartsCount, ContentLength }).toEqual({ PartsCount: 3, ContentLength: PART + 3 });
  });

  it('keeps the details it was created with', async () => {
    const { UploadId } = await lab.client.send(
      new CreateMultipartUploadCommand({
        Bucket,
        Key: 'detailed',
        ContentType: 'image/avif',
        Metadata: { a: 'b' },
        Tagging: 'x=y',
      }),
    );
    const target = { Bucket, Key: 'detailed', UploadId: UploadId! };
    await lab.complete(target, [await lab.putPart(target, 1, Buffer.from('x'))]);
    expect(await lab.client.send(new HeadObjectCommand({ Bucket, Key: 'detailed' }))).toMatchObject({
      ContentType: 'image/avif',
      Metadata: { a: 'b' },
      TagCount: 1,
    });
  });

  it('is replaced part by part: the last of a number counts', async () => {
    const target = await upload('replaced');
    const stale = await lab.putPart(target, 1, Buffer.from('stale'));
    const fresh = await lab.putPart(target, 1, Buffer.from('fresh'));
    expect(await refusal(lab.complete(target, [stale]))).toMatchObject({ code: 'InvalidPart', status: 400 });
    await lab.complete(target, [fresh]);
    expect((await bytes('replaced')).toString()).toBe('fresh');
  });

  it('may leave parts out', async () => {
    const target = await upload('subset');
    await lab.putPart(target, 1, Buffer.from('unused'));
    const second = await lab.putPart(target, 2, Buffer.from('used'));
    await lab.complete(target, [second]);
    expect((await bytes('subset')).toString()).toBe('used');
  });

  it('takes ETags without quotes', async () => {
    const target = await upload('unquoted');
    const { ETag, PartNumber } = await lab.putPart(target, 1, Buffer.from('x'));
    await lab.complete(target, [{ PartNumber, ETag: ETag!.replaceAll('"', '') }]);
    expect((await bytes('unquoted')).toString()).toBe('x');
  });

  it('answers a repeated complete with the same object', async () => {
    const target = await upload('repeated');
    const parts = [await lab.putPart(target, 1, Buffer.from('x'))];
    const first = await lab.complete(target, parts);
    const second = await lab.complete(target, parts);
    expect(second.ETag).toBe(first.ETag);
    expect(await refusal(lab.complete(target, [{ PartNumber: 1, ETag: '"0"' }]))).toMatchObject({
      code: 'NoSuchUpload',
      status: 404,
    });
  });

  it('is gone once aborted', async () => {
    const target = await upload('aborted');
    const part = await lab.putPart(target, 1, Buffer.from('x'));
    await lab.client.send(new AbortMultipartUploadCommand(target));
    expect(await refusal(lab.complete(target, [part]))).toMatchObject({ code: 'NoSuchUpload', status: 404 });
    expect(await refusal(lab.putPart(target, 2, Buffer.from('x')))).toMatchObject({
      code: 'NoSuchUpload',
      status: 404,
    });
    expect(await refusal(lab.client.send(new ListPartsCommand(target)))).toMatchObject({
      code: 'NoSuchUpload',
      status: 404,
    });
    expect(await refusal(lab.client.send(new AbortMultipartUploadCommand(target)))).toMatchObject({
      code: 'NoSuchUpload',
      status: 404,
    });
  });

  it('honours If-None-Match on complete', async () => {
    const target = await upload('taken');
    const part = await lab.putPart(target, 1, Buffer.from('late'));
    await lab.client.send(new PutObjectCommand({ Bucket, Key: 'taken', Body: 'early' }));
    const complete = new CompleteMultipartUploadCommand({
      ...target,
      MultipartUpload: { Parts: [part] },
      IfNoneMatch: '*',
    });
    expect(await refusal(lab.client.send(complete))).toMatchObject({ code: 'PreconditionFailed', status: 412 });
    expect((await bytes('taken')).toString()).toBe('early');
  });

  it('copies a stretch of another object as a part', async () => {
    await lab.client.send(new PutObjectCommand({ Bucket, Key: 'from', Body: '0123456789' }));
    const target = await upload('copied');
    const { CopyPartResult } = await lab.client.send(
      new UploadPartCopyCommand({
        ...target,
        PartNumber: 1,
        CopySource: `${Bucket}/from`,
        CopySourceRange: 'bytes=2-5',
      }),
    );
    await lab.complete(target, [{ PartNumber: 1, ETag: CopyPartResult!.ETag! }]);
    expect((await bytes('copied')).toString()).toBe('2345');
    const outside = new UploadPartCopyCommand({
      ...(await upload('x')),
      PartNumber: 1,
      CopySource: `${Bucket}/from`,
      CopySourceRange: 'bytes=5-99',
    });
    expect(await refusal(lab.client.send(outside))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });
});

describe('complete refuses', () => {
  const refused = async (parts: (one: CompletedPart, two: CompletedPart) => CompletedPart[], size: number) => {
    const target = await upload(`refused-${Math.random()}`);
    const [one, two] = [
      await lab.putPart(target, 1, Buffer.alloc(size)),
      await lab.putPart(target, 2, Buffer.alloc(10)),
    ];
    return refusal(lab.complete(target, parts(one, two)));
  };

  it.each<[string, (one: CompletedPart, two: CompletedPart) => CompletedPart[], string, number]>([
    ['no parts', () => [], 'MalformedXML', PART],
    ['parts out of order', (one, two) => [two, one], 'InvalidPartOrder', PART],
    ['a part twice', (one) => [one, one], 'InvalidPartOrder', PART],
    ['a part that was not uploaded', (one) => [one, { ...one, PartNumber: 9 }], 'InvalidPart', PART],
    ['a wrong ETag', (one) => [{ ...one, ETag: '"00000000000000000000000000000000"' }], 'InvalidPart', PART],
    ['a part below 5 MiB that is not the last', (one, two) => [one, two], 'EntityTooSmall', PART - 1],
  ])('%s', async (_name, parts, code, size) => {
    expect(await refused(parts, size)).toMatchObject({ code, status: 400 });
  });

  it('an upload of another key', async () => {
    const target = await upload('mine');
    const part = await lab.putPart(target, 1, Buffer.from('x'));
    expect(await refusal(lab.complete({ ...target, Key: 'theirs' }, [part]))).toMatchObject({
      code: 'NoSuchUpload',
      status: 404,
    });
  });

  it.each([0, 10_001])('part number %d', async (number) => {
    expect(await refusal(lab.putPart(await upload('numbered'), number, Buffer.from('x')))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
  });
});

describe('ListParts', () => {
  it('pages through what has come in', async () => {
    const target = await upload('parts');
    for (const number of [5, 1, 3]) await lab.putPart(target, number, Buffer.alloc(number));
    const page = await lab.client.send(new ListPartsCommand({ ...target, MaxParts: 2 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '3', MaxParts: 2 });
    expect(page.Parts!.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 1],
      [3, 3],
    ]);
    const rest = await lab.client.send(
      new ListPartsCommand({ ...target, PartNumberMarker: page.NextPartNumberMarker! }),
    );
    expect(rest).toMatchObject({ IsTruncated: false });
    expect(rest.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([5]);
  });
});

describe('ListMultipartUploads', () => {
  it('pages through uploads in the order of keys and of time', async () => {
    const own = await lab.createBucket();
    const begun: string[] = [];
    for (const Key of ['b', 'a/1', 'b', 'a/2', 'c']) begun.push(await lab.begin(own, Key));
    const seen: (string | undefined)[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (marker) {
      const page: ListMultipartUploadsCommandOutput = await lab.client.send(
        new ListMultipartUploadsCommand({ Bucket: own, MaxUploads: 2, ...marker }),
      );
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      marker = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker!, UploadIdMarker: page.NextUploadIdMarker! }
        : undefined;
    }
    expect(seen).toEqual([begun[1], begun[3], begun[0], begun[2], begun[4]]);
    const rolled = await lab.client.send(new ListMultipartUploadsCommand({ Bucket: own, Delimiter: '/' }));
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
    expect(rolled.Uploads).toHaveLength(3);
  });
});

describe('checksums of an upload in parts', () => {
  it('are a composite of the parts', async () => {
    const { UploadId } = await lab.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'composite', ChecksumAlgorithm: 'SHA256' }),
    );
    const target = { Bucket, Key: 'composite', UploadId: UploadId! };
    const { ETag, ChecksumSHA256 } = await lab.client.send(
      new UploadPartCommand({ ...target, PartNumber: 1, Body: 'hello', ChecksumAlgorithm: 'SHA256' }),
    );
    // "The upload was created using a sha256 checksum. The complete request must include the checksum for each part."
    expect(await refusal(lab.complete(target, [{ PartNumber: 1, ETag: ETag! }]))).toMatchObject({
      code: 'InvalidRequest',
      status: 400,
    });
    const done = await lab.complete(target, [{ PartNumber: 1, ETag: ETag!, ChecksumSHA256: ChecksumSHA256! }]);
    const composite = createHash('sha256').update(createHash('sha256').update('hello').digest()).digest('base64');
    expect(done.ChecksumSHA256).toBe(`${composite}-1`);
    const head = await lab.client.send(new HeadObjectCommand({ Bucket, Key: 'composite', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ChecksumSHA256: `${composite}-1`, ChecksumType: 'COMPOSITE' });
  });

  it('are of the whole object for FULL_OBJECT', async () => {
    const { UploadId } = await lab.client.send(
      new CreateMultipartUploadCommand({
        Bucket,
        Key: 'full',
        ChecksumAlgorithm: 'CRC32',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    const target = { Bucket, Key: 'full', UploadId: UploadId! };
    const parts = [
      await lab.putPart(target, 1, Buffer.alloc(PART, 1)),
      await lab.putPart(target, 2, Buffer.from('end')),
    ];
    const { ChecksumCRC32 } = await lab.complete(target, parts);
    const whole = await lab.client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'whole',
        Body: Buffer.concat([Buffer.alloc(PART, 1), Buffer.from('end')]),
        ChecksumAlgorithm: 'CRC32',
      }),
    );
    expect(ChecksumCRC32).toBe(whole.ChecksumCRC32);
  });

  it('refuse a damaged part', async () => {
    const target = await upload('damaged');
    const part = new UploadPartCommand({ ...target, PartNumber: 1, Body: 'hello', ChecksumCRC32: 'AAAAAA==' });
    expect(await refusal(lab.client.send(part))).toMatchObject({ code: 'BadDigest', status: 400 });
  });
});
