import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type AccessClaims,
  accessClaimsSchema,
  type MultipartClaims,
  multipartClaimsSchema,
  type UploadClaims,
  uploadClaimsSchema,
} from '@darkroom/types/tokens';
import { DarkroomError } from './errors.ts';

/**
 * Bearer tokens: `base64url(claims JSON) . base64url(HMAC-SHA256(claims part))`. No algorithm field, so there is none to
 * confuse. Tokens of different kinds differ in `typ`, which is signed, so none passes for another.
 */
type Claims = AccessClaims | UploadClaims | MultipartClaims;

/** Shortest secret taken, in bytes: RFC 7518 §3.2 asks for a key at least as long as the hash. */
export const MIN_SECRET_BYTES = 32;

const signature = (body: string, secret: string): Buffer => createHmac('sha256', secret).update(body).digest();

/** Signs claims. Throws RangeError when the secret is shorter than MIN_SECRET_BYTES. */
export const signToken = (claims: Claims, secret: string): string => {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES)
    throw new RangeError(`expected at least ${MIN_SECRET_BYTES} bytes for the token secret`);
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${signature(body, secret).toString('base64url')}`;
};

const invalid = () =>
  new DarkroomError('TOKEN_INVALID', 'expected a token that Darkroom signed but received one that it did not');

const verified = (token: string, secret: string): unknown => {
  const [body, mac, ...rest] = token.split('.');
  if (body === undefined || mac === undefined || rest.length > 0) throw invalid();
  const wanted = signature(body, secret);
  const given = Buffer.from(mac, 'base64url');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw invalid();
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
};

const unexpired = <T extends Claims>(claims: T, nowSeconds: number): T => {
  if (claims.exp > nowSeconds) return claims;
  throw new DarkroomError('TOKEN_EXPIRED', 'expected a token that is still valid but received one that has ended');
};

export interface VerifyOptions {
  readonly secret: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Claims of an access token. Throws TOKEN_INVALID (forged, malformed, an upload token) or TOKEN_EXPIRED. */
export const verifyAccessToken = (token: string, { secret, now }: VerifyOptions): AccessClaims => {
  const claims = accessClaimsSchema.safeParse(verified(token, secret));
  if (!claims.success) throw invalid();
  return unexpired(claims.data, now);
};

/** Claims of an upload token. Throws TOKEN_INVALID (forged, malformed, an access token) or TOKEN_EXPIRED. */
export const verifyUploadToken = (token: string, { secret, now }: VerifyOptions): UploadClaims => {
  const claims = uploadClaimsSchema.safeParse(verified(token, secret));
  if (!claims.success) throw invalid();
  return unexpired(claims.data, now);
};

/** Claims of the upload id that Uppy carries. Throws TOKEN_INVALID (forged, malformed, another kind) or TOKEN_EXPIRED. */
export const verifyMultipartToken = (token: string, { secret, now }: VerifyOptions): MultipartClaims => {
  const claims = multipartClaimsSchema.safeParse(verified(token, secret));
  if (!claims.success) throw invalid();
  return unexpired(claims.data, now);
};

/** The token of an `Authorization: Bearer …` header (RFC 6750 §2.1). Throws TOKEN_MISSING without one. */
export const bearerToken = (header: string | undefined): string => {
  const [, token] = /^Bearer +([\w-]+\.[\w-]+)$/i.exec(header ?? '') ?? [];
  if (token !== undefined) return token;
  if (header === undefined || header === '')
    throw new DarkroomError(
      'TOKEN_MISSING',
      'expected "Bearer TOKEN" for the Authorization header but received nothing',
    );
  throw invalid();
};
