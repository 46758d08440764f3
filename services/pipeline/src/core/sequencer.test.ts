import fc from 'fast-check';
import { canonicalSequencer } from './sequencer.ts';

const hex = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), maxLength: 24 });

describe('canonicalSequencer', () => {
  it('orders as S3 says: hex digits, the shorter padded on the right with zeros', () => {
    fc.assert(
      fc.property(hex, hex, (left, right) => {
        const width = Math.max(left.length, right.length);
        const [a, b] = [left, right].map((one) => BigInt(`0x0${one.padEnd(width, '0')}`)) as [bigint, bigint];
        const [c, d] = [canonicalSequencer(left), canonicalSequencer(right)];
        expect([c < d, c === d]).toEqual([a < b, a === b]);
      }),
    );
  });

  it('makes a missing one older than any', () => {
    expect(canonicalSequencer(undefined)).toBe('');
    expect(canonicalSequencer(undefined) < canonicalSequencer('001')).toBe(true);
  });
});
