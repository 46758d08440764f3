import fc from 'fast-check';
import { backoff, isTransient, retryAfter } from './retry.ts';

/** The largest wait that chance allows. */
const limit = (failure: 'silent' | 'answered', failures: number): number => backoff(failure, failures, () => 1);

describe('the wait before the next try', () => {
  it('is none after the first lost connection, and some after the first answer that asks for rest', () => {
    expect(limit('silent', 1)).toBe(0);
    expect(limit('answered', 1)).toBe(500);
  });

  it('has a limit that doubles from try to try, up to 2 s without an answer and 20 s with one', () => {
    const tries = [2, 3, 4, 5, 6, 7, 8, 9];

    expect(tries.map((n) => limit('silent', n))).toEqual([500, 1000, 2000, 2000, 2000, 2000, 2000, 2000]);
    expect(tries.map((n) => limit('answered', n))).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  });

  it('is spread evenly from nothing to its limit', () => {
    for (const failure of ['silent', 'answered'] as const) {
      expect(backoff(failure, 3, () => 0)).toBe(0);
      expect(backoff(failure, 3, () => 0.25)).toBe(250);
      expect(backoff(failure, 3, () => 0.75)).toBe(750);
    }
  });

  it('stays within its caps however many tries fail', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), chance, (failures, random) => {
        const [silent, answered] = (['silent', 'answered'] as const).map((one) => backoff(one, failures, () => random));
        expect(silent).toBeGreaterThanOrEqual(0);
        expect(silent).toBeLessThan(2000);
        expect(answered).toBeGreaterThanOrEqual(0);
        expect(answered).toBeLessThan(20_000);
      }),
    );
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');

  it('is read as seconds', () => {
    expect(retryAfter('7', now)).toBe(7000);
    expect(retryAfter(' 7 ', now)).toBe(7000);
    expect(retryAfter('0', now)).toBe(0);
  });

  it('is read as a date', () => {
    expect(retryAfter('Sun, 01 Mar 2026 12:00:30 GMT', now)).toBe(30_000);
  });

  it('is no wait when its date has passed', () => {
    expect(retryAfter('Sun, 01 Mar 2026 11:59:00 GMT', now)).toBe(0);
  });

  it('is never longer than two minutes', () => {
    expect(retryAfter('120', now)).toBe(120_000);
    expect(retryAfter('121', now)).toBe(120_000);
    expect(retryAfter('9'.repeat(40), now)).toBe(120_000);
    expect(retryAfter('Mon, 02 Mar 2026 12:00:00 GMT', now)).toBe(120_000);
  });

  it('is nothing when it is missing or cannot be read', () => {
    expect(retryAfter(null, now)).toBeNull();
    for (const garbage of ['', ' ', 'soon', 'Infinity', '9'.repeat(400)]) expect(retryAfter(garbage, now)).toBeNull();
  });
});

describe('a status', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 507])('%i may pass by', (status) => {
    expect(isTransient(status)).toBe(true);
  });

  it.each([200, 204, 301, 400, 401, 403, 404, 409, 410, 413, 415, 422, 499])('%i stays', (status) => {
    expect(isTransient(status)).toBe(false);
  });
});
