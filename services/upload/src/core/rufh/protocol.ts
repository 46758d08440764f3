import { createHash } from 'node:crypto';
import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import { type AnnouncePorts, newClaims } from '../tus/announce.ts';
import { bodyTooLarge } from '../tus/errors.ts';
import { append, endUpload, finish, type StagedPorts, stateOf, terminate } from '../tus/staged.ts';
import { booleanField, limitField, parseBoolean, parseFilename, parseInteger, parseSha256 } from './fields.ts';
import { inconsistentLength, mismatchingOffset } from './problems.ts';

/** draft-ietf-httpbis-resumable-upload-11, appendix "Draft Version Identification": no other is spoken. */
export const INTEROP_VERSION = 8;
/** §6. */
export const PARTIAL_UPLOAD = 'application/partial-upload';

export type RufhPorts = AnnouncePorts & StagedPorts;

export interface RufhRequest {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

export interface RufhAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or none. */
  readonly body?: { readonly imageId: string; readonly etag: string };
}

/** §4.1.4: what a client needs to know before it sends. `claims` of the upload, once there is one. */
export const uploadLimit = ({ policy, now }: AnnouncePorts, claims?: UploadClaims): string =>
  limitField({
    maxSize: policy.maxBytes,
    maxAppendSize: policy.maxPatchBytes,
    ...(claims && { maxAge: Math.max(0, claims.exp - Math.floor(now() / 1000)) }),
  });

const checkVersion = ({ header }: RufhRequest): void => {
  const version = header('upload-draft-interop-version');
  if (version === undefined || parseInteger(version) === INTEROP_VERSION) return;
  throw new DarkroomError(
    'INVALID_REQUEST',
    expected(String(INTEROP_VERSION), 'Upload-Draft-Interop-Version', version),
  );
};

/** The draft's MUST: without this field a request is neither a creation (§4.2) nor an append (§4.4). */
const completeOf = ({ header }: RufhRequest): boolean => {
  const complete = parseBoolean(header('upload-complete'));
  if (complete !== undefined) return complete;
  throw new DarkroomError('INVALID_REQUEST', expected('?0 or ?1', 'Upload-Complete', header('upload-complete')));
};

const checkBody = ({ header, body }: RufhRequest, maxBytes: number): void => {
  if (body.length > maxBytes) throw bodyTooLarge(maxBytes, body.length);
  // §10.2: "If the digests don't match the server SHOULD consider the transfer failed, not append the content".
  const digest = parseSha256(header('content-digest'));
  if (digest === undefined || createHash('sha256').update(body).digest('hex') === digest) return;
  throw new DarkroomError('CHECKSUM_MISMATCH', expected('the sha-256 of the content', 'Content-Digest', digest), {
    status: 400, // Not 409, which means another offset here.
  });
};

/** §4.1.3: the announced length, from `Upload-Length` or from a content that is all there is. */
const lengthOf = (request: RufhRequest, isComplete: boolean): number => {
  const announced = parseInteger(request.header('upload-length'));
  if (announced === undefined && isComplete) return request.body.length;
  if (announced === undefined)
    throw new DarkroomError(
      'INVALID_REQUEST',
      expected('the bytes of the whole file, known from the start', 'Upload-Length', request.header('upload-length')),
    );
  // §4.1.3: "If indicators (1) and (2) are both present in the same request, their indicated lengths MUST match."
  if (isComplete && announced !== request.body.length) throw inconsistentLength(announced, request.body.length);
  return announced;
};

/** Stores the content and, with `Upload-Complete: ?1`, makes the original of all that was sent. */
const take = async (
  ports: RufhPorts,
  claims: UploadClaims,
  { offset, bytes, isComplete }: { offset: number; bytes: Uint8Array; isComplete: boolean },
): Promise<RufhAnswer> => {
  const end = await append(ports, claims, { offset, bytes });
  const headers = { 'Upload-Complete': booleanField(isComplete), 'Upload-Offset': String(end) };
  // §4.4: "the server acknowledges the appended data by sending a 2xx response with Upload-Complete set to false".
  if (!isComplete) return { status: 204, headers };
  return { status: 200, headers, body: { imageId: claims.imageId, etag: await finish(ports, claims) } };
};

/**
 * §4.2: creates an upload, by any method that carries content. `granted` learns its claims before anything is stored and
 * answers its URL. Throws what `newClaims` and `append` throw, 400 without a length, 413 for content above max-append-size.
 */
export const createRufhUpload = async (
  ports: RufhPorts,
  { caller, granted }: { caller: AccessClaims; granted: (claims: UploadClaims) => string },
  request: RufhRequest,
): Promise<RufhAnswer> => {
  checkVersion(request);
  const isComplete = completeOf(request);
  const { header, body } = request;
  checkBody(request, ports.policy.maxPatchBytes);
  const size = lengthOf(request, isComplete);
  const claims = newClaims(ports, caller, {
    size,
    contentType: header('content-type')?.split(';')[0]?.trim(),
    filename: parseFilename(header('content-disposition')),
    sha256: parseSha256(header('repr-digest')), // §10.1
    metadata: undefined,
  });
  if (body.length > size) throw inconsistentLength(size, body.length);
  const location = granted(claims);
  const { headers, ...answer } = await take(ports, claims, { offset: 0, bytes: body, isComplete });
  // §4.2: "the server MUST include the Location [and] Upload-Limit response header field [...] 201 (Created)".
  const created = { ...headers, Location: location, 'Upload-Limit': uploadLimit(ports, claims) };
  return { ...answer, status: 201, headers: created };
};

/** §4.3: HEAD, or GET as later drafts have it. */
const offsetAnswer = async (ports: RufhPorts, claims: UploadClaims): Promise<RufhAnswer> => {
  const { offset, etag } = await stateOf(ports, claims);
  const headers = {
    'Upload-Offset': String(offset),
    'Upload-Complete': booleanField(etag !== null),
    'Upload-Length': String(claims.size),
    'Upload-Limit': uploadLimit(ports, claims),
  };
  return { status: 204, headers };
};

const checkAppend = (request: RufhRequest): number => {
  const type = request.header('content-type');
  if (type?.split(';')[0]?.trim().toLowerCase() !== PARTIAL_UPLOAD)
    throw new DarkroomError('INVALID_REQUEST', expected(PARTIAL_UPLOAD, 'Content-Type', type), { status: 415 });
  const offset = parseInteger(request.header('upload-offset'));
  if (offset !== undefined) return offset;
  throw new DarkroomError(
    'INVALID_REQUEST',
    expected('an offset in bytes', 'Upload-Offset', request.header('upload-offset')),
  );
};

/** §4.1.3 and §4.4: lengths that contradict the announced one. One that exceeds it ends the upload. */
const checkLengths = async (
  ports: RufhPorts,
  claims: UploadClaims,
  { request, end, isComplete }: { request: RufhRequest; end: number; isComplete: boolean },
): Promise<void> => {
  const announced = parseInteger(request.header('upload-length')) ?? claims.size;
  if (announced !== claims.size) throw inconsistentLength(claims.size, announced);
  // §4.4: "rejecting the request once the offset exceeds the length, marking the upload resource invalid".
  if (end > claims.size) await endUpload(ports, claims);
  if (end > claims.size || (isComplete && end < claims.size)) throw inconsistentLength(claims.size, end);
};

/** §4.4. */
const appendAnswer = async (ports: RufhPorts, claims: UploadClaims, request: RufhRequest): Promise<RufhAnswer> => {
  const provided = checkAppend(request);
  const isComplete = completeOf(request);
  checkBody(request, ports.policy.maxPatchBytes);
  const { offset, etag } = await stateOf(ports, claims);
  if (provided !== offset) throw mismatchingOffset(provided, offset);
  // §4.4: of a complete upload "the server MUST NOT modify the upload resource": no byte more, but the answer again.
  if (etag !== null && request.body.length > 0) throw inconsistentLength(claims.size, offset + request.body.length);
  await checkLengths(ports, claims, { request, end: offset + request.body.length, isComplete });
  // A complete upload stays complete, whatever an empty append says of it.
  return take(ports, claims, { offset, bytes: request.body, isComplete: isComplete || etag !== null });
};

/**
 * A request to an upload: offset retrieval, append or cancellation. Throws METHOD_NOT_ALLOWED, UPLOAD_GONE, what `append` and
 * `finish` throw, and the draft's problems.
 */
export const rufhUpload = async (ports: RufhPorts, claims: UploadClaims, request: RufhRequest): Promise<RufhAnswer> => {
  checkVersion(request);
  if (request.method === 'HEAD' || request.method === 'GET') return offsetAnswer(ports, claims);
  if (request.method === 'PATCH') return appendAnswer(ports, claims, request);
  if (request.method !== 'DELETE')
    throw new DarkroomError('METHOD_NOT_ALLOWED', expected('HEAD, GET, PATCH or DELETE', 'the method', request.method));
  await terminate(ports, claims); // §4.5
  return { status: 204, headers: {} };
};
