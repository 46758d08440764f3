import { variantKey } from '@darkroom/types/keys';
import { ladder } from '@darkroom/types/ladder';
import fc from 'fast-check';
import { canonicalRung, fitPixels, planRenditions } from './plan.ts';

const names = (width: number, height: number) =>
  planRenditions(ladder, { width, height }).map(
    ({ width: rung, tier, format, pixels }) => `${rung}-${tier}.${format} ${pixels.width}x${pixels.height}`,
  );
const sides = fc.record({ width: fc.integer({ min: 1, max: 20_000 }), height: fc.integer({ min: 1, max: 20_000 }) });
const rung = fc.record({ width: fc.constantFrom(...ladder.widths), tier: fc.constantFrom(...ladder.tiers) });

describe('planRenditions', () => {
  it('makes every eager rung of a photograph', () => {
    expect(names(4032, 3024)).toEqual([
      '320-n.avif 320x240',
      '320-n.jpeg 320x240',
      '640-n.avif 640x480',
      '640-n.jpeg 640x480',
      '960-l.avif 960x720',
      '1280-n.avif 1280x960',
      '1280-n.jpeg 1280x960',
    ]);
  });

  it.each([
    [1, 1, ['320-n.avif 1x1', '320-n.jpeg 1x1']],
    [320, 200, ['320-n.avif 320x200', '320-n.jpeg 320x200']],
    [500, 400, ['320-n.avif 320x256', '320-n.jpeg 320x256', '640-n.avif 500x400', '640-n.jpeg 500x400']],
  ])('stops at the first rung that holds all of a %d × %d picture', (width, height, expected) => {
    expect(names(width, height)).toEqual(expected);
  });

  it('gives every picture an AVIF and a JPEG, no file twice, and none larger than itself', () => {
    fc.assert(
      fc.property(sides, (original) => {
        const plan = planRenditions(ladder, original);
        const formats = new Set(plan.map(({ format }) => format));
        expect([formats.has('avif'), formats.has('jpeg')]).toEqual([true, true]);
        const keys = plan.map((rendition) => variantKey({ imageId: 'I', version: 'V', ...rendition }));
        expect(new Set(keys).size).toBe(keys.length);
        const files = plan.map(({ pixels, tier, format }) => `${pixels.width} ${tier} ${format}`);
        // Only where the height is cut to what formats can hold may two rungs come out alike.
        if (original.height <= 16_383) expect(new Set(files).size).toBe(files.length);
        for (const { width, pixels } of plan) {
          expect(pixels.width).toBeLessThanOrEqual(Math.min(width, original.width));
          expect(pixels.height).toBeLessThanOrEqual(original.height);
        }
      }),
    );
  });
});

describe('fitPixels', () => {
  it('keeps the aspect to the pixel, never enlarges, and never leaves a side without one', () => {
    fc.assert(
      fc.property(sides, rung, (original, { width }) => {
        const fitted = fitPixels(original, width);
        expect(Math.min(fitted.width, fitted.height)).toBeGreaterThanOrEqual(1);
        expect(Math.max(fitted.width, fitted.height)).toBeLessThanOrEqual(16_383);
        const exact = (fitted.width * original.height) / original.width;
        const tolerance = 1 + original.height / original.width;
        expect(Math.abs(fitted.height - exact)).toBeLessThanOrEqual(tolerance);
      }),
    );
  });
});

describe('canonicalRung', () => {
  it.each([
    [700, 640, 'n', '640-n'],
    [700, 960, 'n', '1280-n'],
    [700, 2048, 'n', '1280-n'],
    [700, 960, 'l', '1280-n'],
    [4032, 640, 'l', '640-n'],
    [4032, 960, 'l', '960-l'],
    [1400, 2048, 'n', '1600-n'],
    [1400, 2048, 'l', '1600-l'],
    [300, 1280, 'l', '320-n'],
  ] as const)('of a picture %d wide: %d-%s is %s', (width, asked, tier, expected) => {
    const canonical = canonicalRung(ladder, { width, height: 100 }, { width: asked, tier });
    expect(`${canonical.width}-${canonical.tier}`).toBe(expected);
  });

  it('leads to a rung of the ladder that leads nowhere else: redirects end after one', () => {
    fc.assert(
      fc.property(sides, rung, (original, asked) => {
        const once = canonicalRung(ladder, original, asked);
        expect(ladder.widths).toContain(once.width);
        expect(canonicalRung(ladder, original, once)).toEqual(once);
      }),
    );
  });

  it('keeps every eager rendition where it is', () => {
    fc.assert(
      fc.property(sides, (original) => {
        for (const { width, tier } of planRenditions(ladder, original))
          expect(canonicalRung(ladder, original, { width, tier })).toEqual({ width, tier });
      }),
    );
  });
});
