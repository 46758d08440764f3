import { atLikeness, atQuality, type Curve, fixedQuality, percentile } from './curve.ts';

const curve: Curve = [
  { quality: 40, bytes: 1_000, likeness: 50 },
  { quality: 60, bytes: 4_000, likeness: 70 },
  { quality: 80, bytes: 8_000, likeness: 80 },
];

describe('a curve', () => {
  it('is read between its points, bytes by their logarithm', () => {
    expect(atLikeness(curve, 60)).toEqual({ quality: 50, likeness: 60, bytes: expect.closeTo(2_000, 6) });
    expect(atQuality(curve, 70)).toEqual({ quality: 70, likeness: 75, bytes: expect.closeTo(5_656.85, 1) });
  });

  it('goes on straight beyond them', () => {
    expect(atLikeness(curve, 40)).toMatchObject({ quality: 30, bytes: expect.closeTo(500, 6) });
    expect(atQuality(curve, 100).likeness).toBe(90);
  });
});

describe('fixedQuality', () => {
  it('is what the hardest pictures need, but for the share that may fall short', () => {
    const harder = curve.map((point) => ({ ...point, likeness: point.likeness - 10 })) as unknown as Curve;
    expect(fixedQuality([curve, curve], 70, 0.05)).toBe(60);
    expect(fixedQuality([curve, harder], 70, 0.05)).toBe(80);
    expect(fixedQuality([...Array.from({ length: 20 }, () => curve), harder], 70, 0.05)).toBe(60);
  });
});

describe('percentile', () => {
  it('is a value that is there', () => {
    expect(percentile([5, 1, 3], 0)).toBe(1);
    expect(percentile([5, 1, 3], 0.5)).toBe(3);
    expect(percentile([5, 1, 3], 1)).toBe(5);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});
