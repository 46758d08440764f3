import { verifyUploadToken, signToken } from '@darkroom/runtime/tokens';
import { createUploadResponseSchema } from '@darkroom/types/api';
import { accessClaims, IMAGE_ID, NOW, policy, SECRET, storeOf } from '../../test/support/fixtures.ts';
import type { ObjectFacts } from '../ports.ts';
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
      uploadId: null,
    });
  });

  it('sends a file of exactly the single-POST limit by POST, and one byte more in parts', async () => {
    const open = () => Promise.resolve('upload-1');
    const at = await createUpload(ports(), accessClaims(), { ...request, size: policy.singlePostMaxBytes });
    const above = await createUpload(ports({ open }), accessClaims(), {
      ...request,
      size: policy.singlePostMaxBytes + 1,
    });
    expect([at.upload.kind, above.upload.kind]).toEqual(['post', 'multipart']);
  });

  it('opens one multipart upload for a large file and signs its first parts with their exact sizes', async () => {
    const opened: ObjectFacts[] = [];
    const open = (facts: ObjectFacts) => {
      opened.push(facts);
      return Promise.resolve('upload-1');
    };
    const answer = await createUpload(ports({ open }), accessClaims(), {
      ...request,
      size: 20_000_000,
      filename: 'ä.jpg',
    });

    expect(opened).toEqual([
      {
        key: expect.stringMatching(new RegExp(`^originals/[0-9a-f]{2}/${IMAGE_ID}/source$`)) as string,
        contentType: 'image/jpeg',
        metadata: { tenant: 'acme', owner: 'ada', filename: '%C3%A4.jpg' },
      },
    ]);
    if (answer.upload.kind !== 'multipart') throw new Error('expected a multipart upload');
    expect(answer.upload.partCount).toBe(3);
    expect(answer.upload.parts.map((part) => part.size)).toEqual([8_388_608, 8_388_608, 3_222_784]);
    expect(tokenOf(answer.uploadToken)).toMatchObject({ uploadId: 'upload-1', partSize: 8_388_608 });
  });

  it('signs no more parts at once than the policy says', async () => {
    const open = () => Promise.resolve('upload-1');
    const changed = ports({ open, policy: { ...policy, maxPartsPerSigning: 2 } });
    const answer = await createUpload(changed, accessClaims(), { ...request, size: 100_000_000 });
    if (answer.upload.kind !== 'multipart') throw new Error('expected a multipart upload');
    expect(answer.upload.parts.map((part) => part.partNumber)).toEqual([1, 2]);
    expect(answer.upload.partCount).toBe(12);
  });
});

describe('acceptAnnouncement', () => {
  it.each([
    [{ ...request, size: 0 }, 'EMPTY_FILE', 400],
    [{ ...request, size: policy.maxBytes + 1 }, 'TOO_MANY_BYTES', 413],
    [{ ...request, contentType: 'image/heic' }, 'UNSUPPORTED_FORMAT', 415],
  ])('refuses %p as %s', (announced, code, status) => {
    expect(() => acceptAnnouncement(announced, policy)).toThrow(expect.objectContaining({ code, status }) as Error);
  });

  it('takes a file of exactly the limit', () => {
    expect(acceptAnnouncement({ ...request, size: policy.maxBytes }, policy).size).toBe(policy.maxBytes);
  });
});
