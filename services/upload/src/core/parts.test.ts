import fc from 'fast-check';
import { bareEtag, MAX_PARTS, partBytes, partSizeFor, planParts, range } from './parts.ts';

const sizes = fc.integer({ min: 1, max: 5 * 2 ** 40 });
const partSizes = fc.integer({ min: 5_242_880, max: 5 * 2 ** 30 });

describe('planParts', () => {
  it('cuts any file into parts that add up to it, all of one size but the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 5_000 }), (size, partSize) => {
        const plan = planParts(size, partSize);
        const bytes = range(1, plan.partCount).map((partNumber) => partBytes(plan, partNumber));
        expect(bytes.reduce((sum, part) => sum + part, 0)).toBe(size);
        expect(bytes.slice(0, -1).every((part) => part === partSize)).toBe(true);
        expect(bytes.at(-1)).toBeGreaterThanOrEqual(1);
        expect(bytes.at(-1)).toBeLessThanOrEqual(partSize);
      }),
    );
  });

  it.each([
    [0, 5],
    [-1, 5],
    [1.5, 5],
    [Number.NaN, 5],
    [5, 0],
  ])('refuses size %p with parts of %p', (size, partSize) => {
    expect(() => planParts(size, partSize)).toThrow(RangeError);
  });

  it('knows no part outside the plan', () => {
    const plan = planParts(11, 5);
    expect(() => partBytes(plan, 0)).toThrow('expected a part number from 1 to 3 but received 0');
    expect(() => partBytes(plan, 4)).toThrow(RangeError);
  });
});

describe('partSizeFor', () => {
  it('never needs more than 10,000 parts and never makes parts smaller than wanted', () => {
    fc.assert(
      fc.property(sizes, partSizes, (size, wanted) => {
        const partSize = partSizeFor(size, wanted);
        expect(partSize).toBeGreaterThanOrEqual(wanted);
        expect(planParts(size, partSize).partCount).toBeLessThanOrEqual(MAX_PARTS);
      }),
    );
  });
});

describe('bareEtag', () => {
  it.each([
    ['"abc-3"', 'abc-3'],
    ['abc-3', 'abc-3'],
    ['""', ''],
    ['', ''],
  ])('reads %p as %p', (etag, bare) => {
    expect(bareEtag(etag)).toBe(bare);
  });
});
