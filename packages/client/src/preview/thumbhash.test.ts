import fc from 'fast-check';
import * as original from 'thumbhash';
import {
  previewOf,
  rgbaToThumbHash,
  thumbHashToApproximateAspectRatio,
  thumbHashToAverageRGBA,
  thumbHashToDataURL,
  thumbHashToRGBA,
} from './thumbhash.ts';

/** Sides up to 12 pixels, any pixels: opaque, transparent and in between. */
const picture = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.boolean())
  .chain(([w, h, opaque]) =>
    fc
      .uint8Array({ minLength: w * h * 4, maxLength: w * h * 4 })
      .map((rgba) => ({ w, h, rgba: opaque ? rgba.map((value, index) => (index % 4 === 3 ? 255 : value)) : rgba })),
  );

describe('ThumbHash', () => {
  it('makes the very bytes that the npm package makes', () => {
    fc.assert(
      fc.property(picture, ({ w, h, rgba }) => {
        expect(rgbaToThumbHash(w, h, rgba)).toEqual(original.rgbaToThumbHash(w, h, rgba));
      }),
      { numRuns: 200 },
    );
  });

  it('reads colour and shape as the npm package does, and pixels but for the last bit of rounding', () => {
    fc.assert(
      fc.property(picture, ({ w, h, rgba }) => {
        const hash = original.rgbaToThumbHash(w, h, rgba);

        const shown = thumbHashToRGBA(hash);

        const expected = original.thumbHashToRGBA(hash);
        expect([shown.w, shown.h]).toEqual([expected.w, expected.h]);
        const off = shown.rgba.map((value, index) => Math.abs(value - (expected.rgba[index] ?? 0)));
        expect(Math.max(...off)).toBeLessThanOrEqual(1);
        expect(thumbHashToAverageRGBA(hash)).toEqual(original.thumbHashToAverageRGBA(hash));
        expect(thumbHashToApproximateAspectRatio(hash)).toBe(original.thumbHashToApproximateAspectRatio(hash));
      }),
      { numRuns: 50 },
    );
  });

  it('writes the same address as the npm package for a picture without fractions', () => {
    const grey = rgbaToThumbHash(2, 1, Uint8Array.of(128, 128, 128, 255, 128, 128, 128, 255));
    expect(thumbHashToDataURL(grey)).toBe(original.thumbHashToDataURL(grey));
  });

  it.each([
    ['no width', 0, 1, 4],
    ['a width above 100', 101, 1, 404],
    ['a height above 100', 1, 101, 404],
    ['a width that is no number', Number.NaN, 1, 4],
    ['too few values', 2, 2, 15],
  ])('refuses %s', (_what, width, height, values) => {
    expect(() => rgbaToThumbHash(width, height, new Uint8Array(values))).toThrow(RangeError);
  });

  it('makes no preview where nothing decodes pictures', async () => {
    expect(await previewOf(new Blob(['text']))).toBeNull();
  });
});
