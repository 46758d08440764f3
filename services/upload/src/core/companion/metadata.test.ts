import fc from 'fast-check';
import { encodedWord, withClientMetadata } from './metadata.ts';

const own = { tenant: 'acme', owner: 'ada', filename: 'a.jpg' };

describe('encodedWord', () => {
  it.each([
    ['plain ~ASCII', 'plain ~ASCII'],
    ['Straße.jpg', '=?UTF-8?B?U3RyYcOfZS5qcGc=?='],
    ['a\r\nb', '=?UTF-8?B?YQ0KYg==?='],
  ])('writes %j as %j', (text, encoded) => {
    expect(encodedWord(text)).toBe(encoded);
  });
});

describe('withClientMetadata', () => {
  it('turns null, numbers and the rest into text', () => {
    const given = Object.entries({ a: null, b: 5, c: true, d: ['x'], e: '' });
    expect(withClientMetadata(own, given, encodedWord)).toEqual({
      ...own,
      a: 'null',
      b: '5',
      c: 'true',
      d: '["x"]',
      e: '',
    });
  });

  it('lets nobody write what the pipeline believes, in any case', () => {
    const given = Object.entries({ tenant: 'evil', Owner: 'evil', FILENAME: 'evil', sha256: 'evil', Fine: 'yes' });
    expect(withClientMetadata(own, given, encodedWord)).toEqual({ ...own, Fine: 'yes' });
  });

  it('drops names that no header can have, and names that are the same to S3', () => {
    const given: [string, string][] = [
      ['a b', '1'],
      ['é', '2'],
      ['', '3'],
      ['x\r\ny', '4'],
      ['name', '5'],
      ['Name', '6'],
    ];
    expect(withClientMetadata(own, given, encodedWord)).toEqual({ ...own, name: '5' });
  });

  it('leaves out what is too long and keeps what comes after it', () => {
    const given: [string, string][] = [
      ['long', 'x'.repeat(3_000)],
      ['short', 'y'],
    ];
    expect(withClientMetadata(own, given, encodedWord)).toEqual({ ...own, short: 'y' });
  });

  it('never exceeds what S3 takes, and never loses its own', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.jsonValue()), { maxLength: 60 }), (given) => {
        const all = withClientMetadata(own, given, encodedWord);
        const size = Object.entries(all).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
        expect(size).toBeLessThanOrEqual(2_048);
        expect(all).toMatchObject(own);
        for (const value of Object.values(all)) expect(value).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
