import fc from 'fast-check';
import { encodeFilename, objectMetadata } from './object-metadata.ts';

describe('encodeFilename', () => {
  it('gives back every name of usual length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), (filename) => {
        expect(decodeURIComponent(encodeFilename(filename))).toBe(filename);
      }),
    );
  });

  it('is ASCII, short enough for S3 and ends as the name does, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }), (filename) => {
        const encoded = encodeFilename(filename);
        expect(encoded).toMatch(/^[\x21-\x7e]{0,1024}$/);
        expect(filename.endsWith(decodeURIComponent(encoded))).toBe(true);
      }),
    );
  });

  it('keeps the extension of a name that is too long', () => {
    const encoded = encodeFilename(`${'写'.repeat(250)}.jpeg`);
    expect(encoded.endsWith('.jpeg')).toBe(true);
    expect(decodeURIComponent(encoded)).toMatch(/^写+\.jpeg$/);
  });

  it('survives half a surrogate pair, which no URL can carry', () => {
    expect(decodeURIComponent(encodeFilename('a\ud800.jpg'))).toBe('a\ufffd.jpg');
  });
});

describe('objectMetadata', () => {
  it('writes only what is known', () => {
    const metadata = objectMetadata({ tenant: 'acme', owner: null, filename: null, sha256: null });
    expect(metadata).toEqual({ tenant: 'acme' });
  });

  it('writes names that S3 can carry as headers', () => {
    const sha256 = 'a'.repeat(64);
    const metadata = objectMetadata({ tenant: 'acme', owner: 'ada', filename: 'Straße 1.jpg', sha256 });
    expect(metadata).toEqual({ tenant: 'acme', owner: 'ada', filename: 'Stra%C3%9Fe%201.jpg', sha256 });
  });
});
