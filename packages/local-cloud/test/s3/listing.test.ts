import {
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { refusal, s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let Bucket: string;
/** In the order of UTF-8, which is not that of UTF-16: U+FF5E sorts before U+1F600. */
const KEYS = ['a', 'a b', 'dir/1', 'dir/2', 'dir/sub/3', 'dir/sub/4', 'dir2/5', 'z', '～', '😀'];

beforeAll(async () => {
  lab = await s3Lab();
  Bucket = await lab.createBucket();
  for (const Key of KEYS.toReversed()) await lab.client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
});
afterAll(() => lab.end());

async function list(input: Partial<ListObjectsV2CommandInput> = {}) {
  const answer = await lab.client.send(new ListObjectsV2Command({ Bucket, ...input }));
  return {
    ...answer,
    keys: (answer.Contents ?? []).map(({ Key }) => Key),
    prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
  };
}

describe('ListObjectsV2', () => {
  it('lists in the order of UTF-8', async () => {
    const { keys, KeyCount, IsTruncated } = await list();
    expect({ keys, KeyCount, IsTruncated }).toEqual({ keys: KEYS, KeyCount: KEYS.length, IsTruncated: false });
  });

  it('says size, ETag and time of each', async () => {
    const { Contents = [] } = await list({ Prefix: 'dir2' });
    expect(Contents[0]).toMatchObject({
      Key: 'dir2/5',
      Size: 6,
      StorageClass: 'STANDARD',
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
    expect(Contents[0]!.LastModified).toBeInstanceOf(Date);
  });

  it('rolls keys up to common prefixes', async () => {
    expect(await list({ Delimiter: '/' })).toMatchObject({
      keys: ['a', 'a b', 'z', '～', '😀'],
      prefixes: ['dir/', 'dir2/'],
      KeyCount: 7,
    });
    expect(await list({ Delimiter: '/', Prefix: 'dir/' })).toMatchObject({
      keys: ['dir/1', 'dir/2'],
      prefixes: ['dir/sub/'],
    });
    expect(await list({ Prefix: 'dir/sub' })).toMatchObject({ keys: ['dir/sub/3', 'dir/sub/4'], prefixes: [] });
  });

  it.each([1, 2, 3, 7])('pages by %d without losing or repeating anything', async (MaxKeys) => {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({
        MaxKeys,
        Delimiter: '/',
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      });
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      seen.push(...page.keys, ...page.prefixes);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen.toSorted()).toEqual(['a', 'a b', 'dir/', 'dir2/', 'z', '～', '😀'].toSorted());
  });

  it('starts after a key, which need not exist', async () => {
    expect((await list({ StartAfter: 'dir/2' })).keys).toEqual(KEYS.slice(4));
    expect((await list({ StartAfter: 'dir/20' })).keys).toEqual(KEYS.slice(4));
  });

  it('gives keys URL-encoded on demand', async () => {
    const { keys, EncodingType } = await list({ EncodingType: 'url', Prefix: 'a ' });
    expect({ keys, EncodingType }).toEqual({ keys: ['a+b'], EncodingType: 'url' });
  });

  it('answers max-keys 0 with nothing and refuses nonsense', async () => {
    expect(await list({ MaxKeys: 0 })).toMatchObject({ keys: [], IsTruncated: false });
    expect(await refusal(list({ MaxKeys: -1 }))).toMatchObject({ code: 'InvalidArgument', status: 400 });
    expect(await refusal(list({ ContinuationToken: 'nonsense' }))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
  });
});

describe('ListObjects', () => {
  it('pages by markers', async () => {
    const first = await lab.client.send(new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 3 }));
    // "This element is returned only if you have the delimiter request parameter specified."
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'dir/' });
    const second = await lab.client.send(new ListObjectsCommand({ Bucket, Delimiter: '/', Marker: first.NextMarker! }));
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'dir2/' }]);
    expect(second.Contents!.map(({ Key }) => Key)).toEqual(['z', '～', '😀']);
  });
});
