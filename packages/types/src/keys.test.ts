import fc from 'fast-check';
import { originalKey, parseOriginalKey, parseVariantKey, shardOf, variantKey } from './keys.ts';
import { ladder } from './ladder.ts';

const ULID_CHARACTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('');
const imageId = fc
  .tuple(
    fc.constantFrom(...ULID_CHARACTERS.slice(0, 8)),
    fc.array(fc.constantFrom(...ULID_CHARACTERS), { minLength: 25, maxLength: 25 }),
  )
  .map(([first, rest]) => first + rest.join(''));
const version = fc.stringMatching(/^[0-9a-f]{12}$/);

describe('keys of originals', () => {
  it('come back as the id they were made of', () => {
    fc.assert(fc.property(imageId, (id) => parseOriginalKey(originalKey(id)) === id));
  });

  it.each([
    ['another prefix', 'staging/80/01ARZ3NDEKTSV4RRFFQ69G5FAV/source'],
    ['a shard that is not its own', 'originals/81/01ARZ3NDEKTSV4RRFFQ69G5FAV/source'],
    ['an id that is no ULID', 'originals/80/81ARZ3NDEKTSV4RRFFQ69G5FAV/source'],
    ['something behind it', 'originals/80/01ARZ3NDEKTSV4RRFFQ69G5FAV/source/x'],
    ['a step up', 'originals/../80/01ARZ3NDEKTSV4RRFFQ69G5FAV/source'],
  ])('refuse %s', (_what, key) => {
    expect(parseOriginalKey(key)).toBeUndefined();
  });

  it('spread over many prefixes', () => {
    const shards = new Set(fc.sample(imageId, 5_000).map(shardOf));
    // 5,000 ids over 256 shards leave none empty unless the hash is lopsided (chance below 1e-6).
    expect(shards.size).toBe(256);
  });
});

describe('keys of variants', () => {
  it('come back as the parts they were made of', () => {
    const name = fc.record({
      imageId,
      version,
      width: fc.constantFrom(...ladder.widths),
      tier: fc.constantFrom('n' as const, 'l' as const),
      format: fc.constantFrom('avif' as const, 'webp' as const, 'jpeg' as const),
    });
    fc.assert(
      fc.property(name, (parts) => {
        expect(parseVariantKey(variantKey(parts))).toEqual(parts);
      }),
    );
  });

  it('refuse a width that is not on the ladder, so that nobody can ask for endless sizes', () => {
    expect(parseVariantKey('v/01ARZ3NDEKTSV4RRFFQ69G5FAV/0123456789ab/321-n.avif')).toBeUndefined();
  });

  it('never parse arbitrary text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseVariantKey(text) === undefined));
  });
});
