import { DarkroomError } from '@darkroom/runtime/errors';
import { originalKey } from '@darkroom/types/keys';
import type { AccessClaims, MultipartClaims } from '@darkroom/types/tokens';
import type { Clock, MultipartStore, NewId, SignPost, UploadRef } from '../../ports.ts';
import { objectMetadata } from '../object-metadata.ts';
import type { UploadPolicy } from '../policy.ts';
import { encodedWord, withClientMetadata } from './metadata.ts';
import type { CompanionFile } from './requests.ts';

/** Everything that Uppy's contract asks of S3. */
export type CompanionStore = MultipartStore & { readonly signPost: SignPost };

export interface CompanionPorts {
  readonly store: CompanionStore;
  /** Name of the bucket, which is part of the answers. */
  readonly bucket: string;
  readonly policy: UploadPolicy;
  readonly now: Clock;
  readonly newId: NewId;
}

/** Values of a form are text of any kind; S3 encodes them itself. */
const asTheyAre = (text: string): string => text;

const ownMetadata = ({ tenant, owner }: AccessClaims, { filename }: CompanionFile): Record<string, string> =>
  objectMetadata({ tenant, owner, filename, sha256: null });

/**
 * `GET /params`: a form for one file of 1 to `maxBytes` bytes, under a fresh key. Computes only.
 * `expires` (seconds) is shorter than the form's life: Uppy 4 and 5 time a request out with it, and nothing else ends a stalled one there.
 */
export const companionForm = async (
  { store, policy, newId }: CompanionPorts,
  caller: AccessClaims,
  file: CompanionFile,
): Promise<{ method: 'POST'; url: string; fields: Record<string, string>; expires: number }> => {
  const { url, fields } = await store.signPost({
    key: originalKey(newId()),
    contentType: file.contentType,
    metadata: withClientMetadata(ownMetadata(caller, file), file.metadata, asTheyAre),
    size: { min: 1, max: policy.maxBytes },
    expiresInSeconds: policy.companionPresignedSeconds,
  });
  return { method: 'POST', url, fields, expires: policy.presignedSeconds };
};

/** `POST /multipart`: opens a multipart upload under a fresh key; the claims are what the caller's upload id must say. */
export const openCompanionUpload = async (
  { store, policy, now, newId }: CompanionPorts,
  caller: AccessClaims,
  file: CompanionFile,
): Promise<{ key: string; claims: MultipartClaims }> => {
  const imageId = newId();
  const key = originalKey(imageId);
  const metadata = withClientMetadata(ownMetadata(caller, file), file.metadata, encodedWord);
  const uploadId = await store.open({ key, contentType: file.contentType, metadata });
  const { tenant, owner } = caller;
  const exp = Math.floor(now() / 1000) + policy.uploadTokenSeconds;
  return { key, claims: { typ: 'multipart', tenant, owner, imageId, uploadId, exp } };
};

/**
 * The multipart upload that an upload id names. Throws NOT_FOUND, which is the answer for an id that does not exist, when it is
 * another tenant's or owner's, or when the key is not its own.
 */
export const ownUpload = (claims: MultipartClaims, caller: AccessClaims, key: string): UploadRef => {
  const isOwn = claims.tenant === caller.tenant && claims.owner === caller.owner;
  if (isOwn && originalKey(claims.imageId) === key) return { key, uploadId: claims.uploadId };
  throw new DarkroomError('NOT_FOUND', 'expected an upload of this token, under its own key, but received another');
};

/** Presigned PUT of one part, bound to key, upload and number; its size is not known here. Computes only. */
const signedUrl = ({ store, policy }: CompanionPorts, upload: UploadRef, partNumber: number): Promise<string> =>
  store.signPart({ ...upload, partNumber, size: null, expiresInSeconds: policy.companionPresignedSeconds });

/** `GET /multipart/{uploadId}/{partNumber}`; `expires` as in `companionForm`. */
export const companionPart = async (
  ports: CompanionPorts,
  upload: UploadRef,
  partNumber: number,
): Promise<{ url: string; expires: number }> => ({
  url: await signedUrl(ports, upload, partNumber),
  expires: ports.policy.presignedSeconds,
});

/** `GET /multipart/{uploadId}/batch`. */
export const companionBatch = async (
  ports: CompanionPorts,
  upload: UploadRef,
  partNumbers: readonly number[],
): Promise<{ presignedUrls: Record<string, string> }> => ({
  presignedUrls: Object.fromEntries(
    await Promise.all(partNumbers.map(async (number) => [number, await signedUrl(ports, upload, number)] as const)),
  ),
});

/** The address of the object, percent-encoded, as S3 answers it: that of a signed part without what was signed into it. */
export const locationOf = async (ports: CompanionPorts, upload: UploadRef): Promise<string> => {
  const { origin, pathname } = new URL(await signedUrl(ports, upload, 1));
  return `${origin}${pathname}`;
};
