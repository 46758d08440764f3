import fc from 'fast-check';
import { difficultyOf } from './difficulty.ts';

/** A preview painted pixel by pixel. */
const paint = (width: number, height: number, colour: (x: number, y: number) => readonly [number, number, number]) => {
  const data = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set([...colour(x, y), 255], 4 * (y * width + x));
  return { data, width, height };
};

describe('difficultyOf', () => {
  it('holds fine colourful detail in the dark for hard, and a bright smooth slope for easy', () => {
    const sky = paint(96, 64, (x, y) => [150 + x, 180 + y, 250]);
    const neon = paint(96, 64, (x, y) => ((x * 7 + y * 13) % 5 === 0 ? [230, 20, 160] : [12, 16, 40]));
    expect(difficultyOf(sky, 1)).toBeLessThan(-1);
    expect(difficultyOf(neon, 6)).toBeGreaterThan(1);
  });

  it('holds for harder what takes more bits', () => {
    const grass = paint(96, 64, (x, y) => [40 + ((x * 31 + y * 17) % 60), 90 + ((x * 13 + y * 7) % 70), 30]);
    expect(difficultyOf(grass, 4)).toBeGreaterThan(difficultyOf(grass, 2));
  });

  it('says nothing about what is too small to tell', () => {
    expect(
      difficultyOf(
        paint(8, 400, () => [1, 2, 3]),
        3,
      ),
    ).toBe(0);
  });

  it('is a number between its limits for any pixels', () => {
    const sides = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(
        sides,
        fc.uint8Array({ minLength: 6400, maxLength: 6400 }),
        fc.double({ min: 0.01, max: 24, noNaN: true }),
        ([width, height], data, glanceBits) => {
          expect(Math.abs(difficultyOf({ data, width, height }, glanceBits))).toBeLessThanOrEqual(2.5);
        },
      ),
    );
  });
});
