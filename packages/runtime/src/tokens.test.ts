import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import fc from 'fast-check';
import { bearerToken, signToken, verifyAccessToken, verifyUploadToken } from './tokens.ts';

const secret = 'a-secret-of-at-least-thirty-two-bytes!';
const now = 1_800_000_000;
const access: AccessClaims = { typ: 'access', tenant: 'acme', owner: null, scopes: ['upload'], exp: now + 60 };
const upload: UploadClaims = {
  typ: 'upload',
  tenant: 'acme',
  owner: 'ann',
  imageId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  size: 10,
  contentType: 'image/jpeg',
  filename: 'ä.jpg',
  sha256: null,
  partSize: null,
  exp: now + 60,
};

describe('tokens', () => {
  it('give back what was signed', () => {
    expect(verifyAccessToken(signToken(access, secret), { secret, now })).toEqual(access);
    expect(verifyUploadToken(signToken(upload, secret), { secret, now })).toEqual(upload);
  });

  it('do not pass for one another', () => {
    expect(() => verifyAccessToken(signToken(upload, secret), { secret, now })).toThrow(
      expect.objectContaining({ code: 'TOKEN_INVALID' }),
    );
    expect(() => verifyUploadToken(signToken(access, secret), { secret, now })).toThrow(
      expect.objectContaining({ code: 'TOKEN_INVALID' }),
    );
  });

  it('end at the second they name', () => {
    const token = signToken(access, secret);
    expect(() => verifyAccessToken(token, { secret, now: access.exp - 1 })).not.toThrow();
    expect(() => verifyAccessToken(token, { secret, now: access.exp })).toThrow(
      expect.objectContaining({ code: 'TOKEN_EXPIRED', status: 401 }),
    );
  });

  it('are refused after any change of any character', () => {
    const token = signToken(access, secret);
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom(...'ABCDEFabcdef0123456789-_.'.split('')),
        (at, character) => {
          fc.pre(token[at] !== character);
          const changed = token.slice(0, at) + character + token.slice(at + 1);
          // base64url leaves spare bits in its last character: such a change decodes to the same bytes and is no forgery.
          fc.pre(
            !Buffer.from(changed.split('.')[1] ?? '', 'base64url').equals(
              Buffer.from(token.split('.')[1] ?? '', 'base64url'),
            ) || changed.split('.')[0] !== token.split('.')[0],
          );
          expect(() => verifyAccessToken(changed, { secret, now })).toThrow(
            expect.objectContaining({ code: 'TOKEN_INVALID' }),
          );
        },
      ),
    );
  });

  it('are refused under another secret, and secrets that are too short are refused', () => {
    expect(() => verifyAccessToken(signToken(access, secret), { secret: `${secret}x`, now })).toThrow(
      expect.objectContaining({ code: 'TOKEN_INVALID' }),
    );
    expect(() => signToken(access, 'short')).toThrow(RangeError);
  });
});

describe('bearerToken', () => {
  it.each([
    [undefined, 'TOKEN_MISSING'],
    ['', 'TOKEN_MISSING'],
    ['Basic abc', 'TOKEN_INVALID'],
    ['Bearer not a token', 'TOKEN_INVALID'],
    ['Bearer ', 'TOKEN_INVALID'],
  ])('answers the header %p with %s', (header, code) => {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code, status: 401 }));
  });

  it('takes the scheme in any case (RFC 9110 §11.1)', () => {
    expect(bearerToken('bearer abc.def')).toBe('abc.def');
  });
});
