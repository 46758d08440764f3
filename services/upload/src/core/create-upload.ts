import { DarkroomError, expected } from '@darkroom/runtime/errors';
import {
  type CreateUploadRequest,
  type CreateUploadResponse,
  createUploadRequestSchema,
  type UploadTransport,
} from '@darkroom/types/api';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import * as z from 'zod';
import type { NewId } from '../ports.ts';
import { acceptContentType } from './content-type.ts';
import { chunkInstructions, instructionsFor, postInstructions, type Signing } from './instructions.ts';
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
  readonly newId: NewId;
  readonly signToken: (claims: UploadClaims) => string;
}

/** The transport that a client asked for, or the default for the size. */
const transportOf = ({ transport, size }: CreateUploadRequest, policy: UploadPolicy): UploadTransport =>
  transport ?? (size <= policy.singlePostMaxBytes ? 'post' : 'multipart');

/** Throws INVALID_REQUEST for what only an upload in chunks can have: chunks to be signed, a form beside them. */
const requireNoChunks = ({ chunks, form }: CreateUploadRequest, transport: UploadTransport): void => {
  if ((chunks === undefined && form !== true) || transport === 'chunks') return;
  const what = chunks === undefined ? 'a form is asked for beside them' : 'chunks are to be signed';
  throw new DarkroomError('INVALID_REQUEST', expected('"chunks"', 'body.transport', transport), {
    details: [{ path: 'transport', message: `must be "chunks" when ${what}` }],
  });
};

/**
 * Everything a client needs to send one file, in one answer. Nothing leaves the process, whatever the size and the transport: the
 * upload exists only as the signed token. Throws EMPTY_FILE, TOO_MANY_BYTES, UNSUPPORTED_FORMAT or INVALID_REQUEST.
 */
export const createUpload = async (
  ports: CreateUploadPorts,
  caller: AccessClaims,
  announced: CreateUploadRequest,
): Promise<CreateUploadResponse> => {
  const { policy } = ports;
  const request = acceptAnnouncement(announced, policy);
  const transport = transportOf(request, policy);
  requireNoChunks(request, transport);
  const claims: UploadClaims = {
    typ: 'upload',
    tenant: caller.tenant,
    owner: caller.owner,
    imageId: ports.newId(),
    size: request.size,
    contentType: request.contentType,
    filename: request.filename ?? null,
    sha256: request.sha256 ?? null,
    partSize: transport === 'multipart' ? partSizeFor(request.size, policy.partBytes) : null,
    exp: Math.floor(ports.now() / 1000) + policy.uploadTokenSeconds,
  };
  const upload = await (transport === 'chunks'
    ? chunkInstructions(ports, claims, request.chunks ?? [])
    : instructionsFor(ports, claims));
  return {
    imageId: claims.imageId,
    uploadToken: ports.signToken(claims),
    expiresAt: instant(claims.exp * 1000),
    upload,
    ...(request.form === true && { form: await postInstructions(ports, claims) }),
  };
};
