import fc from 'fast-check';
import { smallSides } from './sides.ts';

const least = { width: 320, height: 288 };

describe('smallSides', () => {
  it.each([
    [4032, 3024, 384, 288],
    [3024, 4032, 320, 427],
    [4128, 2322, 512, 288],
    [1000, 1000, 320, 320],
    // Small already: as it is.
    [300, 200, 300, 200],
    // Long and thin.
    [20_000, 400, 1280, 26],
    [1, 20_000, 1, 1280],
  ])('makes of %d × %d: %d × %d', (width, height, wide, high) => {
    expect(smallSides({ width, height }, least)).toEqual({ width: wide, height: high });
  });

  it('covers what is asked for, keeps within its limits and in proportion, whatever the picture', () => {
    const side = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const small = smallSides({ width, height }, least);
        expect(small.width).toBeLessThanOrEqual(Math.min(width, 1280));
        expect(small.height).toBeLessThanOrEqual(Math.min(height, 1280));
        expect(Math.min(small.width, small.height)).toBeGreaterThanOrEqual(1);
        // In proportion, to a pixel of each side.
        expect(Math.abs(small.width * height - small.height * width)).toBeLessThanOrEqual(width + height);
        if (Math.max(width / height, height / width) > 3.9) return;
        expect(small.width).toBeGreaterThanOrEqual(Math.min(width, least.width));
        expect(small.height).toBeGreaterThanOrEqual(Math.min(height, least.height));
      }),
    );
  });
});
