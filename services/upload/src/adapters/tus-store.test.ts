import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { BUCKET, IMAGE_ID } from '../../test/support/fixtures.ts';
import { createPutChunkOnce } from './tus-store.ts';

const s3 = mockClient(S3Client);
const put = createPutChunkOnce(new S3Client({ region: 'us-east-1' }), BUCKET);
const named = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => s3.reset());

describe('putChunkOnce', () => {
  it('stores under the offset, and only where there is nothing', async () => {
    s3.on(PutObjectCommand).resolves({});
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await put(IMAGE_ID, 65_536, bytes)).toBe(true);
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: BUCKET,
      Key: `staging/${IMAGE_ID}/65536`,
      Body: bytes,
      ContentLength: 3,
      IfNoneMatch: '*',
    });
  });

  it.each(['PreconditionFailed', 'ConditionalRequestConflict'])('says false to %s', async (name) => {
    s3.on(PutObjectCommand).rejects(named(name));
    expect(await put(IMAGE_ID, 0, new Uint8Array(1))).toBe(false);
  });

  it('says UNAVAILABLE when trying again may help', async () => {
    s3.on(PutObjectCommand).rejects(named('SlowDown'));
    await expect(put(IMAGE_ID, 0, new Uint8Array(1))).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 });
  });

  it('lets everything else through', async () => {
    s3.on(PutObjectCommand).rejects(named('AccessDenied'));
    await expect(put(IMAGE_ID, 0, new Uint8Array(1))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
