import { verifyUploadToken, signToken } from '@darkroom/runtime/tokens';
import { createUploadResponseSchema } from '@darkroom/types/api';
import { accessClaims, IMAGE_ID, NOW, policy, SECRET, storeOf } from '../../test/support/fixtures.ts';
import { acceptAnnouncement, type CreateUploadPorts, createUpload } from './create-upload.ts';

const ports = (changes: Partial<CreateUploadPorts> = {}): CreateUploadPorts => ({
  ...storeOf(),
  policy,
  now: () => NOW,
  newId: () => IMAGE_ID,
  signToken: (claims) => signToken(claims, SECRET),
  ...changes,
});
const request = { size: 3_000_000, contentType: 'image/jpeg' };
const tokenOf = (token: string) => verifyUploadToken(token, { secret: SECRET, now: NOW / 1000 });

describe('createUpload', () => {
  it('answers a small file from the process alone: one form and a token, no call to S3', async () => {
    const answer = await createUpload(ports(), accessClaims(), request);

    expect(createUploadResponseSchema.parse(answer)).toEqual(answer);
    expect(answer.imageId).toBe(IMAGE_ID);
    expect(answer.upload.kind).toBe('post');
    expect(answer.upload.expiresAt).toBe('2026-11-23T20:55:00.000Z');
    expect(answer.expiresAt).toBe('2026-11-24T20:40:00.000Z');
    expect(tokenOf(answer.uploadToken)).toMatchObject({
      tenant: 'acme',
      owner: 'ada',
      size: 3_000_000,
      partSize: null,
    });
  });

  it('sends a file of exactly the single-POST limit by POST, and one byte more in parts', async () => {
    const kindOf = async (size: number) =>
      (await createUpload(ports(), accessClaims(), { ...request, size })).upload.kind;
    await expect(kindOf(policy.singlePostMaxBytes)).resolves.toBe('post');
    await expect(kindOf(policy.singlePostMaxBytes + 1)).resolves.toBe('multipart');
  });

  it('signs the first parts of a large file with their exact sizes, as objects at their offsets', async () => {
    const answer = await createUpload(ports(), accessClaims(), { ...request, size: 20_000_000 });
    if (answer.upload.kind !== 'multipart') throw new Error('expected an upload in parts');
    expect(answer.upload.partCount).toBe(3);
    expect(answer.upload.parts.map((part) => part.size)).toEqual([8_388_608, 8_388_608, 3_222_784]);
    expect(answer.upload.parts.map((part) => new URL(part.url).pathname.split('/').at(-1))).toEqual([
      '0',
      '8388608',
      '16777216',
    ]);
    expect(tokenOf(answer.uploadToken)).toMatchObject({ partSize: 8_388_608 });
  });

  it('signs no more parts at once than the policy says', async () => {
    const changed = ports({ policy: { ...policy, maxPartsPerSigning: 2 } });
    const answer = await createUpload(changed, accessClaims(), { ...request, size: 100_000_000 });
    if (answer.upload.kind !== 'multipart') throw new Error('expected an upload in parts');
    expect(answer.upload.parts.map((part) => part.partNumber)).toEqual([1, 2]);
    expect(answer.upload.partCount).toBe(12);
  });

  it.each([
    ['post', 100_000_000],
    ['multipart', 1],
    ['chunks', 100_000_000],
  ] as const)('takes the wish for %s at %p bytes', async (transport, size) => {
    const answer = await createUpload(ports(), accessClaims(), { ...request, size, transport });
    expect(createUploadResponseSchema.parse(answer)).toEqual(answer);
    expect(answer.upload.kind).toBe(transport);
  });

  it('signs the first chunks in the same answer', async () => {
    const chunks = [
      { offset: 0, size: 65_536, sha256: 'a'.repeat(64) },
      { offset: 2_949_120, size: 50_880, sha256: 'b'.repeat(64) },
    ];
    const answer = await createUpload(ports(), accessClaims(), { ...request, transport: 'chunks', chunks });
    expect(answer.upload).toMatchObject({
      kind: 'chunks',
      unitBytes: 65_536,
      maxChunkBytes: 8_388_608,
      chunks: [
        { offset: 0, size: 65_536, headers: { 'x-amz-checksum-sha256': 'a'.repeat(64) } },
        { offset: 2_949_120, size: 50_880 },
      ],
    });
    expect(tokenOf(answer.uploadToken)).toMatchObject({ partSize: null });
  });

  it('answers a form beside the chunks to a client that asks for both', async () => {
    const chunks = [{ offset: 0, size: 65_536, sha256: 'a'.repeat(64) }];

    const both = await createUpload(ports(), accessClaims(), { ...request, transport: 'chunks', chunks, form: true });

    const byForm = await createUpload(ports(), accessClaims(), request);
    expect(createUploadResponseSchema.parse(both)).toEqual(both);
    expect(both.upload).toMatchObject({ kind: 'chunks', chunks: [{ offset: 0, size: 65_536 }] });
    expect(both.form).toEqual(byForm.upload);
  });

  it.each([
    ['chunks to be signed', { chunks: [{ offset: 0, size: 65_536, sha256: 'a'.repeat(64) }] }],
    ['a form beside them', { form: true }],
  ])('has no %s for an upload that is not sent in chunks', async (_what, wish) => {
    const call = createUpload(ports(), accessClaims(), { ...request, ...wish });

    await expect(call).rejects.toMatchObject({ code: 'INVALID_REQUEST', details: [{ path: 'transport' }] });
  });
});

describe('acceptAnnouncement', () => {
  it.each([
    [{ ...request, size: 0 }, 'EMPTY_FILE', 400],
    [{ ...request, size: policy.maxBytes + 1 }, 'TOO_MANY_BYTES', 413],
    [{ ...request, contentType: 'image/tiff' }, 'UNSUPPORTED_FORMAT', 415],
  ])('refuses %p as %s', (announced, code, status) => {
    expect(() => acceptAnnouncement(announced, policy)).toThrow(expect.objectContaining({ code, status }) as Error);
  });

  it('takes a file of exactly the limit', () => {
    expect(acceptAnnouncement({ ...request, size: policy.maxBytes }, policy).size).toBe(policy.maxBytes);
  });
});
