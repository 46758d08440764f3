import fc from 'fast-check';
import { booleanField, limitField, parseBoolean, parseFilename, parseInteger, parseSha256 } from './fields.ts';

describe('Structured Fields of the draft', () => {
  it.each([
    ['?1', true],
    ['?0', false],
    [' ?1 ', true],
    ['?1;a=b', true],
    ['1', undefined],
    ['true', undefined],
    ['?2', undefined],
    ['?1, ?0', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('Boolean %j is %s', (field, value) => {
    expect(parseBoolean(field)).toBe(value);
  });

  it.each([
    ['0', 0],
    ['104857600', 104_857_600],
    ['12;a', 12],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['1234567890123456', undefined],
    ['12 13', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('Integer %j is %s', (field, value) => {
    expect(parseInteger(field)).toBe(value);
  });

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.boolean(), (value) => parseBoolean(booleanField(value)) === value));
    fc.assert(fc.property(fc.nat(), (value) => parseInteger(String(value)) === value));
  });

  it('writes limits as a Dictionary', () => {
    expect(limitField({ maxSize: 10, maxAppendSize: 5 })).toBe('max-size=10, max-append-size=5');
    expect(limitField({ maxSize: 10, maxAppendSize: 5, maxAge: 0 })).toBe('max-size=10, max-append-size=5, max-age=0');
  });
});

describe('digests of RFC 9530', () => {
  const digest = Buffer.alloc(32, 7);
  const member = `sha-256=:${digest.toString('base64')}:`;

  it.each([member, `md5=:AAAA:, ${member}`, `${member},sha-512=:AAAA:`])('finds the SHA-256 in %s', (field) => {
    expect(parseSha256(field)).toBe(digest.toString('hex'));
  });

  it.each(['', 'sha-512=:AAAA:', 'sha-256=:AAAA:', 'x-sha-256=:AAAA:', undefined])('finds none in %j', (field) => {
    expect(parseSha256(field)).toBeUndefined();
  });
});

describe('the name in Content-Disposition', () => {
  it.each([
    ['inline; filename="a.jpg"', 'a.jpg'],
    ['inline; filename=a.jpg', 'a.jpg'],
    ['inline; filename="a \\"b\\".jpg"', 'a "b".jpg'],
    [`inline; filename="plain.jpg"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20.jpg`, 'Grüße .jpg'],
    [`inline; filename*=utf-8'de'a.jpg`, 'a.jpg'],
    [`inline; filename*=UTF-8''%FF; filename="plain.jpg"`, 'plain.jpg'],
    ['inline', undefined],
    [undefined, undefined],
  ])('of %j is %j', (field, name) => {
    expect(parseFilename(field)).toBe(name);
  });

  it('is any text, quoted (RFC 9110, 5.6.4)', () => {
    const quoted = (name: string) => `inline; filename="${name.replaceAll(/["\\]/g, '\\$&')}"`;
    fc.assert(fc.property(fc.string(), (name) => expect(parseFilename(quoted(name))).toBe(name)));
  });
});
