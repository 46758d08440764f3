import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { signToken, verifyUploadToken } from '@darkroom/runtime/tokens';
import { limits } from '@darkroom/types/limits';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import type { Clock, NewId } from '../../ports.ts';
import { UNKNOWN_TYPE } from '../companion/requests.ts';
import { acceptContentType } from '../content-type.ts';
import type { UploadPolicy } from '../policy.ts';
import { unknownUpload, uploadGone } from './errors.ts';

/** Longest `Upload-Metadata` kept word for word, in characters: it travels in the URL, and a gateway takes 10,240 bytes of headers. */
const MAX_KEPT_METADATA = 1_024;

/** What a client says of a file before it sends it. Undefined or empty: it did not say. */
export interface Announcement {
  /** Bytes of the file. */
  readonly size: number;
  readonly contentType: string | undefined;
  readonly filename: string | undefined;
  /** Hex SHA-256 of the file. */
  readonly sha256: string | undefined;
  /** `Upload-Metadata` as it came. */
  readonly metadata: string | undefined;
}

export interface AnnouncePorts {
  readonly policy: UploadPolicy;
  readonly now: Clock;
  readonly newId: NewId;
}

const acceptSize = (size: number, maxBytes: number): number => {
  if (size === 0) throw new DarkroomError('EMPTY_FILE', expected('at least one byte', 'Upload-Length', size));
  if (size > maxBytes)
    throw new DarkroomError('TOO_MANY_BYTES', expected(`at most ${maxBytes} bytes`, 'Upload-Length', size));
  return size;
};

/** A client that does not know the type is let in: the bytes decide. */
const typeOf = (declared = ''): string =>
  declared === '' || declared === UNKNOWN_TYPE ? UNKNOWN_TYPE : acceptContentType(declared);

const acceptSha256 = (given: string | undefined): string | null => {
  const digest = given?.toLowerCase() ?? '';
  if (digest === '') return null;
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  throw new DarkroomError('INVALID_REQUEST', expected('64 hex digits', 'sha256', given));
};

/** A name that is too long loses its beginning, so that its extension stays. */
const nameOf = (filename = ''): string | null =>
  filename === '' ? null : Array.from(filename).slice(-limits.upload.maxFilenameLength).join('');

/**
 * The claims of a new upload, which are all that is kept of it. Computes only.
 * Throws EMPTY_FILE, TOO_MANY_BYTES, UNSUPPORTED_FORMAT, or INVALID_REQUEST for a malformed digest.
 */
export const newClaims = (ports: AnnouncePorts, caller: AccessClaims, announced: Announcement): UploadClaims => {
  const { metadata } = announced;
  return {
    typ: 'upload',
    tenant: caller.tenant,
    owner: caller.owner,
    imageId: ports.newId(),
    size: acceptSize(announced.size, ports.policy.maxBytes),
    contentType: typeOf(announced.contentType),
    filename: nameOf(announced.filename),
    sha256: acceptSha256(announced.sha256),
    ...(metadata !== undefined && metadata.length <= MAX_KEPT_METADATA && { metadata }),
    partSize: null,
    exp: Math.floor(ports.now() / 1000) + ports.policy.uploadTokenSeconds,
  };
};

/** The id of an upload in its URL: nothing is stored, so it is the signed claims themselves. */
export const uploadIdOf = (claims: UploadClaims, secret: string): string => signToken(claims, secret);

const claimsIn = (id: string, secret: string): UploadClaims => {
  try {
    // From the beginning of time on: an upload that has ended is told from one that never was, but to its owner only.
    return verifyUploadToken(id, { secret, now: 0 });
  } catch (cause) {
    if (cause instanceof DarkroomError) throw unknownUpload();
    throw cause;
  }
};

/**
 * The claims of the caller's own upload. `now` is milliseconds since the epoch.
 * Throws NOT_FOUND (no such upload, or another tenant's or owner's) or UPLOAD_GONE (its time is over).
 */
export const ownClaims = (
  id: string,
  caller: AccessClaims,
  { secret, now }: { secret: string; now: number },
): UploadClaims => {
  const claims = claimsIn(id, secret);
  if (claims.tenant !== caller.tenant || claims.owner !== caller.owner) throw unknownUpload();
  if (claims.exp * 1000 <= now) throw uploadGone();
  return claims;
};
