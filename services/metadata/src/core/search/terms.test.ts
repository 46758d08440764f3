import fc from 'fast-check';
import { described, metadata, nthId, processing, ready } from '../../../test/support/fixtures.ts';
import { distanceOf, looksTerms, MAX_DISTANCE, postingsOf, wordOf } from './terms.ts';

const tenant = { tenant: 'acme', owner: null };
const bitsOf = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 64 });
const flipped = (hash: bigint, bits: readonly number[]) => bits.reduce((sum, bit) => sum ^ (1n << BigInt(bit)), hash);
const hex = (hash: bigint) => hash.toString(16).padStart(16, '0');
const hashes = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const withHash = (perceptualHash: string) => ready({ metadata: { ...metadata, perceptualHash } });
const termsOf = (hash: string) => new Set(postingsOf(withHash(hash)).map(({ term }) => term));

describe('distanceOf', () => {
  it('counts the bits that differ', () => {
    fc.assert(
      fc.property(hashes, bitsOf, (hash, bits) => {
        expect(distanceOf(hex(hash), hex(flipped(hash, bits)))).toBe(bits.length);
      }),
    );
  });
});

describe('looksTerms', () => {
  it('lead to every hash within the distance', () => {
    fc.assert(
      fc.property(hashes, bitsOf, (hash, bits) => {
        const terms = termsOf(hex(flipped(hash, bits.slice(0, MAX_DISTANCE))));
        expect(looksTerms(tenant, hex(hash)).some((term) => terms.has(term))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are 70 for a tenant, each once, and one for an owner', () => {
    fc.assert(
      fc.property(hashes, (hash) => {
        expect(new Set(looksTerms(tenant, hex(hash))).size).toBe(70);
      }),
    );
    const [term, ...others] = looksTerms({ tenant: 'acme', owner: 'ada' }, '0123456789abcdef');
    expect(others).toEqual([]);
    expect(termsOf('ffffffffffffffff').has(term ?? '')).toBe(true);
  });

  it('lead to another picture by chance once in about 22', () => {
    let met = 0;
    for (let n = 0; n < 2_000; n += 1) {
      const [one, other] = [n * 2 + 1, n * 2 + 2].map((seed) =>
        BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n * 0xbf58476d1ce4e5b9n),
      );
      const terms = termsOf(hex(other ?? 0n));
      if (looksTerms(tenant, hex(one ?? 0n)).some((term) => terms.has(term))) met += 1;
    }
    expect(met / 2_000).toBeLessThan(0.08);
  });
});

describe('postingsOf', () => {
  it('are tags, make and model in lower case and six bands for the tenant, and the same with one for looks for the owner', () => {
    const record = ready({ imageId: nthId(1), metadata: described });
    const terms = postingsOf(record).map(({ term }) => term);
    expect(terms.filter((term) => !term.includes('#looks'))).toEqual([
      'acme##tag#dog',
      'acme##tag#beach',
      'acme##camera#canon',
      'acme##camera#canon eos 70d',
      'acme#ada#tag#dog',
      'acme#ada#tag#beach',
      'acme#ada#camera#canon',
      'acme#ada#camera#canon eos 70d',
    ]);
    expect(terms.filter((term) => term.startsWith('acme##looks#'))).toHaveLength(6);
    expect(terms.filter((term) => term === 'acme#ada#looks')).toHaveLength(1);
    expect(postingsOf(record)).toEqual(postingsOf(record));
  });

  it('are for the tenant alone when the image has no owner, and none when nothing is known', () => {
    expect(postingsOf(ready({ owner: null })).every(({ term }) => term.startsWith('acme##'))).toBe(true);
    expect(postingsOf(processing())).toEqual([]);
  });

  it('are one for words that are the same but for case', () => {
    const tags = [
      { name: 'Dog', score: 1 },
      { name: 'dog ', score: 1 },
    ];
    const exif = { ...metadata.exif, make: 'X', model: 'x' };
    const terms = postingsOf(ready({ owner: null, metadata: { ...metadata, tags, exif } })).map(({ term }) => term);
    expect(terms.slice(0, 2)).toEqual(['acme##tag#dog', 'acme##camera#x']);
  });
});

describe('wordOf', () => {
  it('forgets case, width and stray blanks', () => {
    expect(wordOf('  Ｃanon\u00a0 EOS ')).toBe('canon eos');
  });
});
