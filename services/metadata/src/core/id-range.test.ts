import fc from 'fast-check';
import { decodeTime, ulid } from 'ulid';
import { FIRST_ID, idBefore, LAST_ID, rangeOf } from './id-range.ts';

const instants = fc.integer({ min: 1, max: 2 ** 47 });
const DIGITS = Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
const ids = fc
  .array(fc.constantFrom(...DIGITS), { minLength: 25, maxLength: 25 })
  .map((digits) => `1${digits.join('')}`);

describe('idBefore', () => {
  it('is smaller, and nothing is in between', () => {
    fc.assert(
      fc.property(ids, ids, (id, other) => {
        const before = idBefore(id) ?? '';
        expect(before < id).toBe(true);
        expect(before).toHaveLength(26);
        if (other < id) expect(other <= before).toBe(true);
      }),
    );
  });

  it.each([
    ['01KAS0V1CZ8Y4W3T2R1Q0P9N8M', '01KAS0V1CZ8Y4W3T2R1Q0P9N8K'],
    ['01KAS0V1CZ8Y4W3T2R1Q0P9N00', '01KAS0V1CZ8Y4W3T2R1Q0P9MZZ'],
    [FIRST_ID, undefined],
  ])('of %s is %s', (id, before) => {
    expect(idBefore(id)).toBe(before);
  });
});

describe('rangeOf', () => {
  it('holds the ids from one instant on and before another', () => {
    fc.assert(
      fc.property(instants, instants, instants, (time, from, to) => {
        const id = ulid(time);
        const range = rangeOf(from, to);
        const isWithin = range !== undefined && id >= range.from && id <= range.upTo;
        expect(isWithin).toBe(decodeTime(id) >= from && decodeTime(id) < to);
      }),
    );
  });

  it('is everything when nothing is given, and nothing before the epoch', () => {
    expect(rangeOf(undefined, undefined)).toEqual({ from: FIRST_ID, upTo: LAST_ID });
    expect(rangeOf(-1_000, undefined)).toEqual({ from: FIRST_ID, upTo: LAST_ID });
    expect(rangeOf(undefined, 0)).toBeUndefined();
    expect(rangeOf(2, 2)).toBeUndefined();
  });
});
