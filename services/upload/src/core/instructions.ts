import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { ChunkOrder, PostForm, UploadInstructions } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { SignPost } from '../ports.ts';
import { type ChunkSigning, signChunks } from './chunk-orders.ts';
import { objectMetadata } from './object-metadata.ts';
import { type PartPlan, partRange, planParts, range } from './parts.ts';
import { instant } from './policy.ts';

type SignedPart = Extract<UploadInstructions, { kind: 'multipart' }>['parts'][number];

export interface Signing extends ChunkSigning {
  readonly signPost: SignPost;
}

/** An upload in parts of one size, as its token describes it. */
export interface PartsUpload {
  readonly imageId: string;
  readonly plan: PartPlan;
}

/** The parts of an upload, or undefined when it is not cut into parts. */
const partsOf = ({ imageId, size, partSize }: UploadClaims): PartsUpload | undefined =>
  partSize === null ? undefined : { imageId, plan: planParts(size, partSize) };

/** The parts of an upload. Throws CONFLICT when it is not cut into parts: it is sent by one POST, or in chunks. */
export const requireParts = (claims: UploadClaims): PartsUpload => {
  const upload = partsOf(claims);
  if (upload !== undefined) return upload;
  throw new DarkroomError('CONFLICT', 'expected an upload in parts but this one is sent by a single POST or in chunks');
};

/** Signs the given parts, each as the staged object at its offset. Throws INVALID_REQUEST for a number that the plan does not have. */
export const signParts = async (
  { signChunk, policy, now }: ChunkSigning,
  { imageId, plan }: PartsUpload,
  partNumbers: readonly number[],
): Promise<{ parts: SignedPart[]; expiresAt: string }> => {
  const stranger = partNumbers.find((partNumber) => partNumber > plan.partCount);
  if (stranger !== undefined)
    throw new DarkroomError('INVALID_REQUEST', expected(`at most ${plan.partCount}`, 'body.partNumbers', stranger));
  const expiresInSeconds = policy.presignedSeconds;
  // Taken before the signatures are made, so that no URL ends earlier than the answer says.
  const expiresAt = instant(now() + expiresInSeconds * 1000);
  const sign = async (partNumber: number): Promise<SignedPart> => {
    const { offset, size } = partRange(plan, partNumber);
    const { url } = await signChunk({ imageId, offset, size, sha256: null, expiresInSeconds });
    return { partNumber, size, url };
  };
  return { parts: await Promise.all(partNumbers.map(sign)), expiresAt };
};

/** One form for the whole file, signed afresh. */
export const postInstructions = async (signing: Signing, claims: UploadClaims): Promise<PostForm> => {
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

/** How to send the bytes in chunks, with those signed that were asked for. Throws INVALID_REQUEST for a wrong one. */
export const chunkInstructions = async (
  signing: Signing,
  claims: UploadClaims,
  orders: readonly ChunkOrder[],
): Promise<UploadInstructions> => {
  const { chunkUnitBytes, maxChunkBytes } = signing.policy;
  const signed = await signChunks(signing, claims, orders);
  return { kind: 'chunks', unitBytes: chunkUnitBytes, maxChunkBytes, ...signed };
};

/** How to send the bytes of an upload, signed afresh: in the parts that its token names, else by one form. */
export const instructionsFor = async (signing: Signing, claims: UploadClaims): Promise<UploadInstructions> => {
  const upload = partsOf(claims);
  if (upload === undefined) return postInstructions(signing, claims);
  const { partSize, partCount } = upload.plan;
  const first = range(1, Math.min(partCount, signing.policy.maxPartsPerSigning));
  return { kind: 'multipart', partSize, partCount, ...(await signParts(signing, upload, first)) };
};
