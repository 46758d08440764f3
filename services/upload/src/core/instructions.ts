import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { UploadInstructions } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { Clock, SignPart, SignPost, UploadRef } from '../ports.ts';
import { objectMetadata } from './object-metadata.ts';
import { type PartPlan, partBytes, planParts, range } from './parts.ts';
import { instant, type UploadPolicy } from './policy.ts';

type SignedPart = Extract<UploadInstructions, { kind: 'multipart' }>['parts'][number];

export interface Signing {
  readonly signPost: SignPost;
  readonly signPart: SignPart;
  readonly policy: UploadPolicy;
  readonly now: Clock;
}

/** One multipart upload, as its token describes it. */
export interface MultipartUpload extends UploadRef {
  readonly imageId: string;
  /** Announced bytes of the whole file. */
  readonly size: number;
  readonly plan: PartPlan;
}

/** The multipart upload of a token, or undefined when one POST carries the file. */
export const multipartOf = (claims: UploadClaims): MultipartUpload | undefined => {
  const { imageId, size, uploadId, partSize } = claims;
  if (uploadId === null || partSize === null) return undefined;
  return { imageId, key: originalKey(imageId), uploadId, size, plan: planParts(size, partSize) };
};

/** The multipart upload of a token. Throws CONFLICT when one POST carries the file: it has no parts. */
export const requireMultipart = (claims: UploadClaims): MultipartUpload => {
  const upload = multipartOf(claims);
  if (upload !== undefined) return upload;
  throw new DarkroomError(
    'CONFLICT',
    'expected an upload in parts but this one is sent by a single POST, which needs no further call',
  );
};

/** Signs the given parts. Throws INVALID_REQUEST for a number that the plan does not have. */
export const signParts = async (
  signing: Signing,
  upload: MultipartUpload,
  partNumbers: readonly number[],
): Promise<{ parts: SignedPart[]; expiresAt: string }> => {
  const { plan, key, uploadId } = upload;
  const stranger = partNumbers.find((partNumber) => partNumber > plan.partCount);
  if (stranger !== undefined)
    throw new DarkroomError('INVALID_REQUEST', expected(`at most ${plan.partCount}`, 'body.partNumbers', stranger));
  const expiresInSeconds = signing.policy.presignedSeconds;
  // Taken before the signatures are made, so that no URL ends earlier than the answer says.
  const expiresAt = instant(signing.now() + expiresInSeconds * 1000);
  const sign = async (partNumber: number): Promise<SignedPart> => {
    const size = partBytes(plan, partNumber);
    return { partNumber, size, url: await signing.signPart({ key, uploadId, partNumber, size, expiresInSeconds }) };
  };
  return { parts: await Promise.all(partNumbers.map(sign)), expiresAt };
};

const postInstructions = async (signing: Signing, claims: UploadClaims): Promise<UploadInstructions> => {
  const expiresInSeconds = signing.policy.presignedSeconds;
  const expiresAt = instant(signing.now() + expiresInSeconds * 1000);
  const form = await signing.signPost({
    key: originalKey(claims.imageId),
    contentType: claims.contentType,
    metadata: objectMetadata(claims),
    size: claims.size,
    expiresInSeconds,
  });
  return { kind: 'post', ...form, expiresAt };
};

/** How to send the bytes of an upload, signed afresh: for a new upload, and for a client that comes back after a crash. */
export const instructionsFor = async (signing: Signing, claims: UploadClaims): Promise<UploadInstructions> => {
  const upload = multipartOf(claims);
  if (upload === undefined) return postInstructions(signing, claims);
  const { partSize, partCount } = upload.plan;
  const first = range(1, Math.min(partCount, signing.policy.maxPartsPerSigning));
  return { kind: 'multipart', partSize, partCount, ...(await signParts(signing, upload, first)) };
};
