import { bytes, bytesOf, counted, duration, rate, timeLeft, timesSmaller } from './words.ts';

describe('numbers in words', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [65_536, '66 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [3_400_000, '3.4 MB'],
    [25_000_000, '25 MB'],
  ])('says %i bytes as %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it('names the unit once when both have it', () => {
    expect(bytesOf(1_200_000, 3_400_000)).toBe('1.2 of 3.4 MB');
    expect(bytesOf(320_000, 3_400_000)).toBe('320 kB of 3.4 MB');
  });

  it('says rates, counts and ratios', () => {
    expect(rate(12_345.6)).toBe('12 kB/s');
    expect(counted(1, 'photograph')).toBe('1 photograph');
    expect(counted(0, 'photograph')).toBe('0 photographs');
    expect(timesSmaller(1_300_000, 38_000)).toBe('34×');
    expect(timesSmaller(100, 55)).toBe('1.8×');
    expect(timesSmaller(100, 100)).toBeNull();
  });

  it.each([
    [0.4, 'a few seconds left'],
    [6, 'about 10 s left'],
    [51, 'about 55 s left'],
    [59, 'about a minute left'],
    [100, 'about 2 minutes left'],
    [4000, 'about an hour left'],
    [8000, 'about 2 hours left'],
  ])('tells %f s no finer than they are known', (seconds, text) => {
    expect(timeLeft(seconds)).toBe(text);
  });

  it.each([
    [0, '0 ms'],
    [340, '340 ms'],
    [999.9, '1.0 s'],
    [3120, '3.1 s'],
    [42_000, '42 s'],
    [59_700, '1 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('says %f ms as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});
