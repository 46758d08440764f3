import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { type CreateUploadRequest, type CreateUploadResponse, createUploadRequestSchema } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import * as z from 'zod';
import type { NewId, OpenMultipart } from '../ports.ts';
import { acceptContentType } from './content-type.ts';
import { instructionsFor, type Signing } from './instructions.ts';
import { objectMetadata } from './object-metadata.ts';
import { partSizeFor } from './parts.ts';
import { instant, type UploadPolicy } from './policy.ts';

/**
 * The contract's request, but with sizes and types that deserve a more exact answer than "wrong field":
 * an empty file is EMPTY_FILE, and anything that is no image is UNSUPPORTED_FORMAT.
 */
export const announcementSchema = createUploadRequestSchema.extend({
  size: z.int().nonnegative(),
  contentType: z.string().min(1).max(255),
});

/**
 * What a client announces, checked against the limits; the media type comes back in its registered form.
 * Throws EMPTY_FILE, TOO_MANY_BYTES or UNSUPPORTED_FORMAT.
 */
export const acceptAnnouncement = (request: CreateUploadRequest, policy: UploadPolicy): CreateUploadRequest => {
  if (request.size === 0) throw new DarkroomError('EMPTY_FILE', expected('at least one byte', 'size', 0));
  if (request.size > policy.maxBytes)
    throw new DarkroomError('TOO_MANY_BYTES', expected(`at most ${policy.maxBytes} bytes`, 'size', request.size));
  return { ...request, contentType: acceptContentType(request.contentType) };
};

export interface CreateUploadPorts extends Signing {
  readonly open: OpenMultipart;
  readonly newId: NewId;
  readonly signToken: (claims: UploadClaims) => string;
}

const claimsOf = (ports: CreateUploadPorts, caller: AccessClaims, request: CreateUploadRequest): UploadClaims => ({
  typ: 'upload',
  tenant: caller.tenant,
  owner: caller.owner,
  imageId: ports.newId(),
  size: request.size,
  contentType: request.contentType,
  filename: request.filename ?? null,
  sha256: request.sha256 ?? null,
  uploadId: null,
  partSize: null,
  exp: Math.floor(ports.now() / 1000) + ports.policy.uploadTokenSeconds,
});

const openParts = async (ports: CreateUploadPorts, claims: UploadClaims): Promise<UploadClaims> => {
  if (claims.size <= ports.policy.singlePostMaxBytes) return claims;
  const uploadId = await ports.open({
    key: originalKey(claims.imageId),
    contentType: claims.contentType,
    metadata: objectMetadata(claims),
  });
  return { ...claims, uploadId, partSize: partSizeFor(claims.size, ports.policy.partBytes) };
};

/**
 * Everything a client needs to send one file, in one answer. Up to `singlePostMaxBytes` nothing leaves the process:
 * the upload exists only as the signed token. Above it S3 opens a multipart upload.
 * Throws EMPTY_FILE, TOO_MANY_BYTES or UNSUPPORTED_FORMAT.
 */
export const createUpload = async (
  ports: CreateUploadPorts,
  caller: AccessClaims,
  request: CreateUploadRequest,
): Promise<CreateUploadResponse> => {
  const claims = await openParts(ports, claimsOf(ports, caller, acceptAnnouncement(request, ports.policy)));
  return {
    imageId: claims.imageId,
    uploadToken: ports.signToken(claims),
    expiresAt: instant(claims.exp * 1000),
    upload: await instructionsFor(ports, claims),
  };
};
