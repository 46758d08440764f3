import { originalKey } from '@darkroom/types/keys';
import fc from 'fast-check';
import { IMAGE_ID as imageId, nthId } from '../../test/support/fixtures.ts';
import { decodeKey } from './original-key.ts';

const key = originalKey(imageId);

describe('decodeKey', () => {
  it.each([
    ['AWS: form encoding leaves / alone', key],
    ['LocalStack: percent encoding leaves / alone', encodeURI(key)],
    ['moto: percent encoding of / too', key.replaceAll('/', '%2F')],
    ['moto, in lower case', key.replaceAll('/', '%2f')],
    ['MiniStack: raw', key],
    ['every character encoded', key.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)],
  ])('reads %s', (_who, raw) => {
    expect(decodeKey(raw)).toEqual({ key, imageId });
  });

  it.each([
    ['a file name in form encoding', 'uploads/a+b%2B%C3%BC.jpg'],
    ['a file name in percent encoding', 'uploads/a%20b%2B%C3%BC.jpg'],
    ['a file name with encoded slashes', 'uploads%2Fa+b%2B%C3%BC.jpg'],
    ['a raw file name', 'uploads/a b+ü.jpg'],
    ['broken encoding', '%E0%A4%A'],
    ['an original with something behind it', `${key}.jpg`],
    ['an original with a space for a slash', key.replace('/', '+')],
    ["another id's shard", originalKey(nthId(2)).replace(nthId(2), imageId)],
    ['an encoding of an encoding', key.replaceAll('/', '%252F')],
    ['nothing', ''],
  ])('does not take %s for an original', (_what, raw) => {
    expect(decodeKey(raw)).toBeUndefined();
  });

  it('never throws, and what it finds is the key of the id it names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (raw) => {
        const found = decodeKey(raw);
        expect(found?.key).toBe(found === undefined ? undefined : originalKey(found.imageId));
      }),
    );
  });
});
