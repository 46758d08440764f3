import fc from 'fast-check';
import { originalKey, parseOriginalKey, parseVariantKey, shardOf, variantKey } from './keys.ts';
import { ladder, widthsOf } from './ladder.ts';

const ULID_CHARACTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('');
const imageId = fc
  .tuple(
    fc.constantFrom(...ULID_CHARACTERS.slice(0, 8)),
    fc.array(fc.constantFrom(...ULID_CHARACTERS), { minLength: 25, maxLength: 25 }),
  )
  .map(([first, rest]) => first + rest.join(''));
const IMAGE_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const rungs = ladder.tiers.flatMap((tier) => widthsOf(ladder, tier).map((width) => ({ width, tier })));
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
      rung: fc.constantFrom(...rungs),
      format: fc.constantFrom('avif' as const, 'webp' as const, 'jpeg' as const),
    });
    fc.assert(
      fc.property(name, ({ rung, ...rest }) => {
        const parts = { ...rest, ...rung };
        expect(parseVariantKey(variantKey(parts))).toEqual(parts);
      }),
    );
  });

  it.each(['321-n', '321-l', '321-s', '960-s', '1280-s', '2048-s', '320-x', '0320-s', '320-S', '320-ns'])(
    'refuse %s, so that nobody can ask for endless sizes',
    (rung) => {
      expect(parseVariantKey(`v/01ARZ3NDEKTSV4RRFFQ69G5FAV/0123456789ab/${rung}.avif`)).toBeUndefined();
    },
  );

  it('are 36 for one image, once low tiers that share the normal file are left out', () => {
    const widths = Array.from({ length: 2_100 }, (_, width) => width);
    const keys = widths.flatMap((width) =>
      ladder.tiers.flatMap((tier) =>
        ladder.formats.map((format) => variantKey({ imageId: IMAGE_ID, version: '0123456789ab', width, tier, format })),
      ),
    );
    const names = keys.map(parseVariantKey).filter((name) => name !== undefined);
    const stored = names.filter(({ tier, width }) => tier !== 'l' || width >= ladder.lowTierFrom);
    const rungsStored = new Set(stored.map(({ tier, width }) => `${width}-${tier}`));
    expect([...rungsStored].sort()).toEqual(
      [
        ...['320-n', '640-n', '960-n', '1280-n', '1600-n', '2048-n'],
        ...['960-l', '1280-l', '1600-l', '2048-l'],
        ...['320-s', '640-s'],
      ].sort(),
    );
    expect(new Set(stored.map(variantKey)).size).toBe(36);
  });

  it('never parse arbitrary text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseVariantKey(text) === undefined));
  });
});
