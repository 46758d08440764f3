import fc from 'fast-check';
import { exifOf } from '../../test/support/bytes.ts';
import { exifOrientation } from './exif-orientation.ts';

describe('exifOrientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads %d in both byte orders and as SHORT and LONG', (value) => {
    const variants = [true, false].flatMap((little) => [3, 4].map((type) => exifOf(value, { little, type })));
    expect(variants.map(exifOrientation)).toEqual([value, value, value, value]);
  });

  // EXIF 2.32, 4.6.5.1: other values are reserved.
  it.each([0, 9, 255, 65535])('reads the invalid %d as 1', (value) => {
    expect(exifOrientation(exifOf(value))).toBe(1);
  });

  it('reads a block without the Exif prefix, as PNG and WebP hold it', () => {
    expect(exifOrientation(exifOf(6).subarray(6))).toBe(6);
  });

  it('answers 1 to 8 for any bytes and never throws', () => {
    const hostile = fc.uint8Array({ maxLength: 80 }).map((tail) => Buffer.concat([exifOf(6).subarray(0, 14), tail]));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.uint8Array().map(Buffer.from)), (block) => {
        const orientation = exifOrientation(Buffer.from(block));
        expect(orientation).toBeGreaterThanOrEqual(1);
        expect(orientation).toBeLessThanOrEqual(8);
      }),
    );
  });
});
