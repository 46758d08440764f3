import { createS3Client } from '@darkroom/runtime/clients';
import * as z from 'zod';
import { createPartSigner, createPostSigner } from './s3-signer.ts';

const withCredentials = () => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  return createS3Client();
};
const policySchema = z.object({ expiration: z.string(), conditions: z.array(z.unknown()) });
const decoded = (policy: string | undefined) =>
  policySchema.parse(JSON.parse(Buffer.from(policy ?? '', 'base64').toString('utf8')));

const order = {
  key: 'originals/aa/01KAS0V1CZ8Y4W3T2R1Q0P9N8M/source',
  contentType: 'image/jpeg',
  metadata: { tenant: 'acme', owner: 'ada', filename: 'a%20b.jpg' },
  size: 12_345,
  expiresInSeconds: 900,
};

describe('createPostSigner', () => {
  it('fixes every field of the form and the exact size by the policy', async () => {
    const { fields } = await createPostSigner(withCredentials(), 'originals-bucket')(order);
    const { conditions } = decoded(fields['Policy']);

    expect(conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 12_345, 12_345],
        { key: order.key },
        { bucket: 'originals-bucket' },
        { 'content-type': 'image/jpeg' },
        { success_action_status: '201' },
        { 'x-amz-meta-tenant': 'acme' },
        { 'x-amz-meta-owner': 'ada' },
        { 'x-amz-meta-filename': 'a%20b.jpg' },
      ]),
    );
    // S3 refuses a form with a field that the policy does not name, so form and policy must name the same.
    const unsigned = new Set(['Policy', 'X-Amz-Signature']);
    const named = conditions.flatMap((condition) => (Array.isArray(condition) ? [] : Object.keys(condition as object)));
    expect(named.sort()).toEqual(
      Object.keys(fields)
        .filter((field) => !unsigned.has(field))
        .sort(),
    );
  });

  it('takes a range of sizes where the client does not tell the size', async () => {
    const { fields } = await createPostSigner(
      withCredentials(),
      'originals-bucket',
    )({
      ...order,
      size: { min: 1, max: 9 },
    });
    expect(decoded(fields['Policy']).conditions).toContainEqual(['content-length-range', 1, 9]);
  });

  it('ends when the answer says', async () => {
    const before = Date.now();
    const { fields } = await createPostSigner(withCredentials(), 'originals-bucket')(order);
    const ends = Date.parse(decoded(fields['Policy']).expiration);
    expect(ends).toBeGreaterThanOrEqual(before + 899_000);
    expect(ends).toBeLessThanOrEqual(Date.now() + 900_000);
  });
});

describe('createPartSigner', () => {
  it('signs key, part, upload and exact length, and no checksum of nothing', async () => {
    const sign = createPartSigner(withCredentials(), 'originals-bucket');
    const url = new URL(
      await sign({ key: order.key, uploadId: 'u/1+2', partNumber: 7, size: 5_242_880, expiresInSeconds: 900 }),
    );

    expect(decodeURIComponent(url.pathname)).toContain(order.key);
    expect(url.searchParams.get('partNumber')).toBe('7');
    expect(url.searchParams.get('uploadId')).toBe('u/1+2');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host');
    // The SDK's default adds the CRC32 of an empty body, which S3-compatible servers then demand of the part.
    expect([...url.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  });

  it('signs no length where the client does not tell it', async () => {
    const sign = createPartSigner(withCredentials(), 'originals-bucket');
    const url = await sign({ key: order.key, uploadId: 'u', partNumber: 1, size: null, expiresInSeconds: 900 });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('host');
  });
});
