import { limits } from '../../../packages/types/src/limits.ts';
import { lineOf, ratiosOf, type Sample } from './aggregate.ts';
import { measuredNames, memorySizeIn, memorySizeOf } from './functions.ts';
import { inputsOf, kinds, sidesOf } from './kinds.ts';
import { seeded } from './make-input.ts';

const sample = (changes: Partial<Sample>): Sample => ({
  name: 'validateImage',
  input: { kind: 'png', width: 4000, height: 3000 },
  baseBytes: 60e6,
  peakBytes: 180e6,
  memorySize: 360e6,
  ...changes,
});

describe('a line of results', () => {
  it('leaves the process itself out, but for the peak', () => {
    expect(lineOf(sample({}))).toEqual({
      name: 'validateImage: png',
      megapixels: 12,
      megabytes: 120,
      megabytesPerMegapixel: 10,
      peakRssMegabytes: 180,
    });
  });
});

describe('ratios', () => {
  it('take the worst input of each function', () => {
    const samples = [sample({}), sample({ peakBytes: 270e6 }), sample({ name: 'other' }), sample({ peakBytes: 90e6 })];
    expect(ratiosOf(samples)).toEqual({ 'validateImage/memorySize': 0.75, 'other/memorySize': 0.5 });
  });
});

describe('inputs', () => {
  it('end at the limit of their kind, which is among them', () => {
    const megapixels = inputsOf('jpeg', { maxPixels: { ...limits.validate.maxPixels, jpegBaseline: 60_000_000 } }).map(
      ({ width, height }) => Math.round((width * height) / 1e6),
    );
    expect(megapixels).toEqual([12, 48, 60]);
  });

  it.each(kinds)('of kind %s are within the limits', (kind) => {
    for (const { width, height } of inputsOf(kind, limits.validate)) {
      expect(Math.max(width, height)).toBeLessThanOrEqual(limits.validate.maxSide);
      expect(width * height).toBeLessThanOrEqual(250_000_000);
    }
  });

  it('are no larger than asked and hardly smaller', () => {
    const { width, height } = sidesOf(36_000_000);
    expect(width * height).toBeLessThanOrEqual(36_000_000);
    expect(width * height).toBeGreaterThan(35_900_000);
  });

  it('come from the same numbers in every run', () => {
    const [one, other] = [seeded(1), seeded(1)];
    const first = Array.from({ length: 50 }, one);
    expect(Array.from({ length: 50 }, other)).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(30);
  });
});

describe('memory of a function', () => {
  it('is read from its YAML, in mebibytes', () => {
    expect(memorySizeIn('one:\n  memorySize: 512\ntwo:\n  timeout: 3\n', 'one')).toBe(536_870_912);
    expect(() => memorySizeIn('two:\n  timeout: 3\n', 'two')).toThrow('memorySize of two');
  });

  it.each(measuredNames)('of %s is set', (name) => {
    expect(memorySizeOf(name)).toBeGreaterThan(0);
  });
});
