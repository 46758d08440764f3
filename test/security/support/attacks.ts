import { signToken } from '../../../packages/runtime/src/tokens.ts';
import type { ErrorCode } from '../../../packages/types/src/codes.ts';
import type { Route } from '../../../packages/types/src/routes.ts';
import { type Scope, scopeSchema, type AccessClaims } from '../../../packages/types/src/tokens.ts';
import type { Call } from '../../openapi/support/recorder.ts';
import type { TestSystem } from '../../support/system.ts';
import { callOf, multipartClaims, OTHER_ID, OWNER, targetOf, TENANT, uploadClaims } from './victim.ts';

export interface Attack {
  /** What is wrong with the token. */
  readonly kind: string;
  readonly call: Call;
  readonly status: number;
  readonly code: ErrorCode;
}

/** A secret of the same length that is not the system's. */
const FORGED = 'f'.repeat(64);

/** An hour ago, in seconds. */
const past = (): number => Math.floor(Date.now() / 1000) - 3_600;

/** A valid token whose last character differs: one bit of its signature, more or less. */
const bitFlipped = (token: string): string => `${token.slice(0, -2)}${token.endsWith('AA') ? 'BA' : 'AA'}`;

/** The claims of one token with the signature of another. */
const spliced = (claims: string, mac: string): string => `${claims.split('.')[0] ?? ''}.${mac.split('.')[1] ?? ''}`;

type Token = readonly [kind: string, token: string, status: number, code: ErrorCode];

const invalid = (kind: string, token: string): Token => [kind, token, 401, 'TOKEN_INVALID'];

/** Tokens that nobody signed, whatever the route wants. */
const unsigned = (good: string): Token[] => [
  invalid('garbage', 'garbage'),
  invalid('garbage in two parts', 'e30.e30'),
  invalid('garbage of 4 KB', `${'A'.repeat(2_048)}.${'B'.repeat(2_048)}`),
  invalid('flipped signature', bitFlipped(good)),
  invalid('cut signature', good.slice(0, -8)),
  invalid('no signature', `${good.split('.')[0] ?? ''}.`),
  invalid('a third part', `${good}.e30`),
];

/** Tokens for a route that wants an access token. */
const accessTokens = (system: TestSystem, scope: Scope): Token[] => {
  const own = (claims: Partial<AccessClaims> = {}) => system.mint({ tenant: TENANT, owner: OWNER, ...claims });
  const others = scopeSchema.options.filter((each) => each !== scope);
  const claims: AccessClaims = { typ: 'access', tenant: TENANT, owner: OWNER, scopes: [scope], exp: past() + 7_200 };
  return [
    ...unsigned(own()),
    invalid('forged', signToken(claims, FORGED)),
    invalid('claims of another token', spliced(own({ tenant: 'mallory' }), own())),
    invalid('an upload token', signToken(uploadClaims(), system.secret)),
    invalid("Uppy's upload id", signToken(multipartClaims(), system.secret)),
    ['expired', own({ exp: past() }), 401, 'TOKEN_EXPIRED'],
    ['missing scope', own({ scopes: others }), 403, 'FORBIDDEN'],
  ];
};

/** Tokens for a route that wants the token of one upload. */
const uploadTokens = (system: TestSystem): Token[] => {
  const signed = (changes: Parameters<typeof uploadClaims>[0], secret = system.secret) =>
    signToken(uploadClaims(changes), secret);
  return [
    ...unsigned(signed({})),
    invalid('forged', signed({}, FORGED)),
    invalid('claims of another token', spliced(signed({ tenant: 'mallory' }), signed({}))),
    invalid('an access token', system.mint({ tenant: TENANT, owner: OWNER })),
    invalid("Uppy's upload id", signToken(multipartClaims(), system.secret)),
    ['expired', signed({ exp: past() }), 401, 'TOKEN_EXPIRED'],
    ['of another upload', signed({ imageId: OTHER_ID }), 404, 'NOT_FOUND'],
    ['of a foreign upload', signed({ imageId: OTHER_ID, tenant: 'mallory', owner: null }), 404, 'NOT_FOUND'],
  ];
};

/** Valid tokens of somebody else, for a route that names a thing of the victim's. */
const foreignTokens = (system: TestSystem): Token[] => [
  ['foreign tenant', system.mint({ tenant: 'mallory', owner: null }), 404, 'NOT_FOUND'],
  ['foreign tenant, same owner', system.mint({ tenant: 'mallory', owner: OWNER }), 404, 'NOT_FOUND'],
  ['foreign owner', system.mint({ tenant: TENANT, owner: 'mallory' }), 404, 'NOT_FOUND'],
];

/** Uppy's upload id is a token beside the caller's, refused like one. */
const spoiltUploadIds = (secret: string): Token[] => [
  ...unsigned(signToken(multipartClaims(), secret)),
  invalid('forged', signToken(multipartClaims(), FORGED)),
  invalid('an upload token', signToken(uploadClaims(), secret)),
  ['expired', signToken(multipartClaims({ exp: past() }), secret), 401, 'TOKEN_EXPIRED'],
];

/** The id of a tus upload is the last part of an address: what was never given is unknown there, what has ended is gone. */
const spoiltFileIds = (secret: string): Token[] => {
  const spoilt: Token[] = [
    ...unsigned(signToken(uploadClaims(), secret)),
    invalid('forged', signToken(uploadClaims(), FORGED)),
    invalid("Uppy's upload id", signToken(multipartClaims(), secret)),
  ];
  const unknown = spoilt.map(([kind, token]): Token => [kind, token, 404, 'NOT_FOUND']);
  return [...unknown, ['expired', signToken(uploadClaims({ exp: past() }), secret), 410, 'UPLOAD_GONE']];
};

/** Names of the victim's things that are signed themselves, spoilt; the token of the caller is the victim's own. */
const spoiltNames = (route: Route, system: TestSystem): Attack[] => {
  const target = targetOf(route);
  if (target !== 'multipart' && target !== 'file') return [];
  const [name, names] =
    target === 'multipart' ? ['uploadId', spoiltUploadIds(system.secret)] : ['id', spoiltFileIds(system.secret)];
  const { params, ...call } = callOf(route, system);
  const token = system.mint({ tenant: TENANT, owner: OWNER });
  return names.map(([kind, spoilt, status, code]) => ({
    kind: `${kind} as ${name}`,
    call: { ...call, params: { ...params, token, [name]: spoilt } },
    status,
    code,
  }));
};

const tokensFor = (route: Route, system: TestSystem): Token[] => {
  const { token } = route;
  if (token.kind === 'none') return [];
  if (token.kind === 'upload') return uploadTokens(system);
  const isOwned = targetOf(route) !== undefined;
  return [...accessTokens(system, token.scope), ...(isOwned ? foreignTokens(system) : [])];
};

const isInPath = ({ token }: Route): boolean => token.kind === 'access' && token.place === 'path';

/** Every way to call a route with a token that is not good for it, and the one answer to each. */
export const attacksOn = (route: Route, system: TestSystem): Attack[] => {
  const call = callOf(route, system);
  const inPlace = tokensFor(route, system).map(([kind, token, status, code]) => ({
    kind,
    call: isInPath(route) ? { ...call, params: { ...call.params, token } } : { ...call, bearer: token },
    status,
    code,
  }));
  if (route.token.kind === 'none' || isInPath(route)) return [...inPlace, ...spoiltNames(route, system)];
  // A header can be missing, or of another scheme; a path without a token is another path.
  const { headers } = call;
  return [
    { kind: 'no token', call, status: 401, code: 'TOKEN_MISSING' },
    {
      kind: 'another scheme',
      call: { ...call, headers: { ...headers, authorization: 'Basic dmVyYTpwYXNz' } },
      status: 401,
      code: 'TOKEN_INVALID',
    },
    ...inPlace,
  ];
};
