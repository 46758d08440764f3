import { variantKey } from '@darkroom/types/keys';
import { type Ladder, ladder, widthsOf } from '@darkroom/types/ladder';
import fc from 'fast-check';
import { canonicalName, canonicalRung, fitPixels, pictureOf, planRenditions, renditionOf } from './plan.ts';

const names = (width: number, height: number, frames = 1) =>
  planRenditions(ladder, { width, height, frames }).map(
    ({ width: rung, tier, format, pixels }) => `${rung}-${tier}.${format} ${pixels.width}x${pixels.height}`,
  );
const sides = fc.record({ width: fc.integer({ min: 1, max: 20_000 }), height: fc.integer({ min: 1, max: 20_000 }) });
const picture = fc
  .tuple(sides, fc.constantFrom(1, 2, 30, 200))
  .map(([{ width, height }, frames]) => pictureOf(ladder, { width, height }, { format: 'gif', frames }));
const rung = fc.constantFrom(
  ...ladder.tiers.flatMap((tier) => widthsOf(ladder, tier).map((width) => ({ width, tier }))),
);
/** A ladder that makes squares at upload. */
const withSquares: Ladder = {
  ...ladder,
  families: {
    ...ladder.families,
    thumbnail: [...ladder.families.thumbnail, { width: 320, tier: 's', formats: ['avif', 'jpeg'] }],
  },
};

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

  it('makes an animation move in WebP, and stand still elsewhere', () => {
    expect(names(800, 600, 20)).toEqual([
      '320-n.webp 320x240',
      '320-n.jpeg 320x240',
      '640-n.webp 640x480',
      '640-n.jpeg 640x480',
      '1280-n.webp 800x600',
      '1280-n.jpeg 800x600',
    ]);
    const moving = planRenditions(ladder, { width: 800, height: 600, frames: 20 }).filter(({ animated }) => animated);
    expect(new Set(moving.map(({ format }) => format))).toEqual(new Set(['webp']));
  });

  it('gives every picture a JPEG and an AVIF or a WebP that moves, no file twice, and none larger than itself', () => {
    fc.assert(
      fc.property(picture, (original) => {
        const plan = planRenditions(ladder, original);
        const formats = new Set(plan.map(({ format }) => format));
        expect([formats.has(original.frames > 1 ? 'webp' : 'avif'), formats.has('jpeg')]).toEqual([true, true]);
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
    [4032, 320, 's', '320-s'],
    [4032, 640, 's', '320-s'],
  ] as const)('of a picture %d wide: %d-%s is %s', (width, asked, tier, expected) => {
    const canonical = canonicalRung(ladder, { width, height: 100 }, { width: asked, tier });
    expect(`${canonical.width}-${canonical.tier}`).toBe(expected);
  });

  it('leads to a rung of the ladder that leads nowhere else: redirects end after one', () => {
    fc.assert(
      fc.property(sides, rung, (original, asked) => {
        const once = canonicalRung(ladder, original, asked);
        expect(widthsOf(ladder, once.tier)).toContain(once.width);
        expect(canonicalRung(ladder, original, once)).toEqual(once);
      }),
    );
  });

  it('keeps every eager rendition where it is', () => {
    fc.assert(
      fc.property(sides, (original) => {
        for (const { width, tier } of planRenditions(ladder, { ...original, frames: 1 }))
          expect(canonicalRung(ladder, original, { width, tier })).toEqual({ width, tier });
      }),
    );
  });
});

describe('squares', () => {
  const square = fc.record({
    width: fc.constantFrom(...ladder.squareWidths),
    tier: fc.constant('s' as const),
    format: fc.constantFrom(...ladder.formats),
  });

  it('are as wide as asked or as the shorter side, never enlarged, and cut from a picture that covers them exactly', () => {
    fc.assert(
      fc.property(picture, square, (original, asked) => {
        const { pixels, whole, animated } = renditionOf(ladder, original, asked);
        const side = Math.min(asked.width, original.width, original.height);
        expect([pixels, animated]).toEqual([{ width: side, height: side }, false]);
        expect(Math.min(whole.width, whole.height)).toBe(side);
        expect(whole.width).toBeLessThanOrEqual(original.width);
        expect(whole.height).toBeLessThanOrEqual(original.height);
        const exact = (side * Math.max(original.width, original.height)) / Math.min(original.width, original.height);
        expect(Math.abs(Math.max(whole.width, whole.height) - exact)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('have one name for each file: two rungs never hold the same pixels under both', () => {
    fc.assert(
      fc.property(picture, fc.constantFrom(...ladder.formats), (original, format) => {
        const names = ladder.squareWidths.map((width) => canonicalName(ladder, original, { width, tier: 's', format }));
        const files = names.map((name) => {
          const { pixels, animated } = renditionOf(ladder, original, name);
          return `${pixels.width} ${animated}`;
        });
        expect(new Set(names.map((name) => `${name.width}-${name.tier}`)).size).toBe(new Set(files).size);
      }),
    );
  });

  it.each([
    ['a landscape', 1200, 800, 1, '640-s.avif', '640-s.avif'],
    ['a landscape less high', 1200, 400, 1, '640-s.avif', '640-s.avif'],
    ['a landscape hardly high', 1200, 300, 1, '640-s.avif', '320-s.avif'],
    ['a portrait', 300, 4000, 1, '640-s.webp', '320-s.webp'],
    ['a square, of which nothing is cut off', 1000, 1000, 1, '640-s.avif', '640-n.avif'],
    ['a small square', 100, 100, 1, '640-s.jpeg', '320-n.jpeg'],
    ['a square that moves, whose square stands still', 1000, 1000, 9, '640-s.avif', '640-s.avif'],
    ['an animation', 500, 200, 9, '640-s.webp', '320-s.webp'],
  ] as const)('of %s, %d × %d of %d frames: %s is %s', (_what, width, height, frames, asked, expected) => {
    const [rungWidth, format] = [Number.parseInt(asked, 10), asked.split('.')[1] as 'avif'];
    const found = canonicalName(ladder, { width, height, frames }, { width: rungWidth, tier: 's', format });
    expect(`${found.width}-${found.tier}.${found.format}`).toBe(expected);
  });

  it('are made at upload where a family lists them, if they are no other file', () => {
    const made = (width: number, height: number, frames = 1) =>
      planRenditions(withSquares, { width, height, frames })
        .filter(({ family }) => family === 'thumbnail')
        .map((file) => `${file.width}-${file.tier}.${file.format} ${file.pixels.width}x${file.pixels.height}`);
    expect(made(4032, 3024)).toEqual([
      '320-n.avif 320x240',
      '320-n.jpeg 320x240',
      '320-s.avif 320x320',
      '320-s.jpeg 320x320',
    ]);
    expect(made(1000, 1000)).toEqual(['320-n.avif 320x320', '320-n.jpeg 320x320']);
    expect(made(400, 100, 5)).toEqual([
      '320-n.webp 320x80',
      '320-n.jpeg 320x80',
      '320-s.avif 100x100',
      '320-s.jpeg 100x100',
    ]);
  });

  it('hold their full size in the eager rung where there is one', () => {
    const eager = { ...ladder, families: { ...ladder.families, web: [{ width: 640, tier: 's', formats: ['avif'] }] } };
    const found = canonicalRung(eager as Ladder, { width: 900, height: 200 }, { width: 320, tier: 's' });
    expect(found).toEqual({ width: 640, tier: 's' });
  });
});

describe('canonicalName', () => {
  const name = fc.tuple(rung, fc.constantFrom(...ladder.formats)).map(([asked, format]) => ({ ...asked, format }));

  it('leads to a name that leads nowhere else, and whose file is within the budget of animations', () => {
    fc.assert(
      fc.property(picture, name, (original, asked) => {
        const once = canonicalName(ladder, original, asked);
        expect(canonicalName(ladder, original, once)).toEqual(once);
        const { animated, pixels } = renditionOf(ladder, original, once);
        const total = original.frames * pixels.width * pixels.height;
        // A side of at least one pixel may be more than the budget's share of a very thin picture.
        if (animated && Math.min(pixels.width, pixels.height) > 8)
          expect(total).toBeLessThanOrEqual(ladder.animation.maxPixels * 1.1);
      }),
    );
  });

  it.each([
    [20, 320, 'n', 'avif', '320-n.webp'],
    [20, 320, 'n', 'jpeg', '320-n.jpeg'],
    [20, 2048, 'n', 'avif', '1280-n.webp'],
    [200, 2048, 'n', 'webp', '640-n.webp'],
    [1, 320, 'n', 'avif', '320-n.avif'],
  ] as const)('of %d frames, 1200 wide: %d-%s.%s is %s', (frames, width, tier, format, expected) => {
    const found = canonicalName(ladder, { width: 1200, height: 800, frames }, { width, tier, format });
    expect(`${found.width}-${found.tier}.${found.format}`).toBe(expected);
  });
});

describe('pictureOf', () => {
  it('takes the first frame of what is no animation, or too much of one', () => {
    const frames = (format: 'gif' | 'png', count: number, side: number) =>
      pictureOf(ladder, { width: side, height: side }, { format, frames: count }).frames;
    expect([frames('gif', 10, 500), frames('png', 10, 500), frames('gif', 200, 5000)]).toEqual([10, 1, 1]);
  });
});
