import { AwsError } from '../service.ts';
import {
  ALGORITHM,
  canonicalRequest,
  parseQuery,
  type SignableRequest,
  stringToSign,
  UNSIGNED_PAYLOAD,
} from './canonical.ts';
import { hmac, isSameSignature, parseAmzDate, parseScope, type Scope, secretOf, signingKey } from './keys.ts';
import { type Payload, parsePayload } from './payload.ts';

export interface Verifier {
  readonly credentials: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The chain that the chunks of a signed streaming body continue. */
export interface ChunkSeed {
  readonly key: Buffer;
  readonly amzDate: string;
  readonly scope: string;
  readonly signature: string;
}

/** Who signed a request, and how; the names of `authType` are those of the policy key `s3:authType`. */
export interface Identity {
  readonly accessKeyId: string;
  readonly authType: 'REST-HEADER' | 'REST-QUERY-STRING' | 'POST';
  readonly payload: Payload;
  /** Milliseconds since it was signed (`s3:signatureAge`). */
  readonly signatureAge: number;
  readonly seed?: ChunkSeed;
}

/** AWS refuses a request whose date is further away than this. */
const MAX_SKEW_MS = 15 * 60 * 1000;
/** A week: the longest life of a presigned URL. */
const MAX_EXPIRES_SECONDS = 604_800;
const V4_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
];

interface Claim {
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  readonly payloadHash: string;
  readonly presigned: boolean;
}

const denied = (message: string, fields: Record<string, unknown> = {}) =>
  new AwsError('AccessDenied', message, { status: 403, fields });

function headerOf(request: SignableRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** An unsigned `x-amz-*` header would let whoever carries the request change what it does. */
function requireSignedHeaders(request: SignableRequest, signed: readonly string[]): void {
  const missing = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') && !signed.includes(name));
  if (!signed.includes('host')) missing.push('host');
  if (missing.length === 0) return;
  throw denied('There were headers present in the request which were not signed', {
    HeadersNotSigned: missing.join(', '),
  });
}

function requireScope(scope: Scope | undefined, code: string): Scope {
  if (!scope) {
    throw new AwsError(
      code,
      'The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  if (scope.service === 's3') return scope;
  throw new AwsError(
    code,
    `The authorization is malformed; incorrect service "${scope.service}". This endpoint belongs to "s3".`,
  );
}

/** Step 4: compares the signature that was sent with the one that the request should have. */
function verifySignature(request: SignableRequest, claim: Claim, key: Buffer): void {
  const canonical = canonicalRequest(request, claim);
  const text = stringToSign(claim.amzDate, claim.scope.text, canonical);
  if (isSameSignature(hmac(key, text).toString('hex'), claim.signature)) return;
  throw new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      status: 403,
      fields: {
        AWSAccessKeyId: claim.scope.accessKeyId,
        StringToSign: text,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    },
  );
}

function parseAuthorization(authorization: string): { credential: string; signedHeaders: string; signature: string } {
  const fields = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(',')
      .map((pair): [string, string] => {
        const cut = pair.indexOf('=');
        return [pair.slice(0, cut).trim(), pair.slice(cut + 1).trim()];
      }),
  );
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    fields.get(name),
  );
  if (credential && signedHeaders && signature) return { credential, signedHeaders, signature };
  throw new AwsError(
    'AuthorizationHeaderMalformed',
    'The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.',
  );
}

function dateOfHeaders(request: SignableRequest): string {
  const amzDate = headerOf(request, 'x-amz-date');
  if (amzDate !== undefined) return amzDate;
  const date = Date.parse(headerOf(request, 'date') ?? '');
  if (Number.isNaN(date)) throw denied('AWS authentication requires a valid Date or x-amz-date header');
  return new Date(date).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function verifyHeader(request: SignableRequest, authorization: string, verifier: Verifier): Identity {
  const { credential, signedHeaders, signature } = parseAuthorization(authorization);
  const scope = requireScope(parseScope(credential), 'AuthorizationHeaderMalformed');
  const payloadHash = headerOf(request, 'x-amz-content-sha256');
  if (payloadHash === undefined) {
    throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  const payload = parsePayload(payloadHash);
  const secret = secretOf(scope.accessKeyId, verifier.credentials);
  const amzDate = dateOfHeaders(request);
  const signatureAge = verifier.now() - parseAmzDate(amzDate);
  if (!(Math.abs(signatureAge) <= MAX_SKEW_MS)) {
    throw new AwsError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        status: 403,
        fields: {
          RequestTime: amzDate,
          ServerTime: new Date(verifier.now()).toISOString(),
          MaxAllowedSkewMilliseconds: MAX_SKEW_MS,
        },
      },
    );
  }
  const signed = signedHeaders.split(';');
  const key = signingKey(secret, scope);
  verifySignature(request, { scope, signedHeaders: signed, signature, amzDate, payloadHash, presigned: false }, key);
  requireSignedHeaders(request, signed);
  const seed = { key, amzDate, scope: scope.text, signature };
  return { accessKeyId: scope.accessKeyId, authType: 'REST-HEADER', payload, signatureAge, seed };
}

const malformedQuery = (message: string) => new AwsError('AuthorizationQueryParametersError', message);

function expiresOf(text: string): number {
  const seconds = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(seconds)) throw malformedQuery('X-Amz-Expires should be a number');
  if (seconds < 0) throw malformedQuery('X-Amz-Expires must be non-negative');
  if (seconds === 0) throw malformedQuery('X-Amz-Expires must be at least 1 second');
  if (seconds <= MAX_EXPIRES_SECONDS) return seconds;
  throw malformedQuery(
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
  );
}

/** How long ago the URL was signed. @throws AwsError AccessDenied when it is not valid yet or no more. */
function ageOfUrl(amzDate: string, expires: number, now: number): number {
  const age = now - parseAmzDate(amzDate);
  if (Number.isNaN(age)) throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (age < -MAX_SKEW_MS) throw denied('Request is not valid yet', { ServerTime: new Date(now).toISOString() });
  if (age <= expires * 1000) return age;
  throw denied('Request has expired', {
    'X-Amz-Expires': expires,
    Expires: new Date(now - age + expires * 1000).toISOString(),
    ServerTime: new Date(now).toISOString(),
  });
}

/** Every value of a presigned URL that SigV4 needs. @throws AwsError AuthorizationQueryParametersError */
function readParameters(query: string) {
  const parameters = new Map(parseQuery(query));
  const values = V4_PARAMETERS.map((name) => parameters.get(name));
  if (values.some((value) => value === undefined || value === '')) {
    throw malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const [algorithm = '', credential = '', signature = '', amzDate = '', signedHeaders = '', expires = ''] = values;
  if (algorithm !== ALGORITHM) throw malformedQuery('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  const marker = parameters.get('X-Amz-Content-Sha256');
  return {
    credential,
    signature,
    amzDate,
    signedHeaders: signedHeaders.split(';'),
    expires: expiresOf(expires),
    marker,
  };
}

function verifyQuery(request: SignableRequest, verifier: Verifier): Identity {
  const { credential, signature, amzDate, signedHeaders, expires, marker } = readParameters(request.query);
  const scope = requireScope(parseScope(credential), 'AuthorizationQueryParametersError');
  if (scope.date !== amzDate.slice(0, 8))
    throw malformedQuery('Invalid credential date. This date is not the same as X-Amz-Date.');
  const secret = secretOf(scope.accessKeyId, verifier.credentials);
  const payloadHash = headerOf(request, 'x-amz-content-sha256') ?? marker ?? UNSIGNED_PAYLOAD;
  const payload = parsePayload(payloadHash);
  const signatureAge = ageOfUrl(amzDate, expires, verifier.now());
  const key = signingKey(secret, scope);
  verifySignature(request, { scope, signedHeaders, signature, amzDate, payloadHash, presigned: true }, key);
  requireSignedHeaders(request, signedHeaders);
  const seed = { key, amzDate, scope: scope.text, signature };
  return { accessKeyId: scope.accessKeyId, authType: 'REST-QUERY-STRING', payload, signatureAge, seed };
}

/**
 * Verifies the AWS Signature Version 4 of a request, in its header or its query.
 * @returns the signer, or undefined for a request without any signature.
 * @throws AwsError SignatureDoesNotMatch, InvalidAccessKeyId, RequestTimeTooSkewed, AccessDenied (expired, unsigned headers),
 *   AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidRequest (other versions).
 */
export function authenticate(request: SignableRequest, verifier: Verifier): Identity | undefined {
  const authorization = headerOf(request, 'authorization');
  const isPresigned = /(^|&)X-Amz-(Algorithm|Signature|Credential)=/.test(request.query);
  if (authorization !== undefined && isPresigned) {
    throw new AwsError(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  }
  if (isPresigned) return verifyQuery(request, verifier);
  if (authorization?.startsWith(`${ALGORITHM} `)) return verifyHeader(request, authorization, verifier);
  if (authorization !== undefined || /(^|&)AWSAccessKeyId=/.test(request.query)) {
    throw new AwsError(
      'InvalidRequest',
      `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`,
    );
  }
  return undefined;
}
