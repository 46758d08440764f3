import { createLink, MAX_CHUNK, MAX_POST, UNIT } from './link.ts';

const good = () => {
  const link = createLink(() => null);
  link.roundTrip(60, true);
  return link;
};
const weak = () => {
  const link = createLink(() => null);
  link.roundTrip(150, true);
  return link;
};
/** A link that was cut so many times, always after so many bytes. */
const cutEvery = (bytes: number, times: number) => {
  const link = weak();
  for (let n = 1; n <= times; n++) {
    link.delivered(bytes);
    link.cut(0, n * 60_000);
  }
  return link;
};

describe('what is believed of a link', () => {
  it.each([
    [null, null, 'unknown'],
    [null, 3, 'local'],
    [null, 70, 'good'],
    [null, 150, 'weak'],
    ['good', null, 'good'],
    ['good', 300, 'weak'],
    ['weak', 20, 'weak'],
  ] as const)('with the hint %p and a round trip of %p ms is %s', (hint, trip, belief) => {
    const link = createLink(() => hint);
    if (trip !== null) link.roundTrip(trip, true);

    expect(link.belief()).toBe(belief);
  });

  it('is weak after a cut, until much more than the usual distance has passed', () => {
    const link = good();
    link.delivered(500_000);
    link.cut(0, 1_000);
    const after = link.belief();

    link.delivered(10_000_000);

    expect([after, link.belief()]).toEqual(['weak', 'good']);
  });

  it('counts several connections lost together as one cut', () => {
    const link = weak();
    link.delivered(1_000_000);

    link.cut(10_000, 5_000);
    link.cut(20_000, 5_100);
    link.cut(20_000, 60_000);

    expect(link.cuts()).toBe(2);
  });
});

describe('the rate', () => {
  it('is the largest of the last eight samples', () => {
    const link = weak();
    for (const rate of [900, 100, 110, 120, 130, 125, 115, 105]) link.rateSample(rate);
    const with900 = link.rate();
    link.rateSample(100);

    expect([with900, link.rate()]).toEqual([900, 130]);
  });
});

describe('the size of a chunk', () => {
  it.each([0, 1, 99_999, 1_000_000, 12_345_678, 1e9])(
    'is on the grid and within its bounds after %d bytes',
    (passed) => {
      const link = good();
      link.delivered(passed);

      const size = link.chunkSize();

      expect(size % UNIT).toBe(0);
      expect(size).toBeGreaterThanOrEqual(UNIT);
      expect(size).toBeLessThanOrEqual(MAX_CHUNK);
    },
  );

  it('grows with what has passed uncut', () => {
    const link = good();
    const sizes = [1, 10, 100].map((millions) => {
      link.delivered(millions * 1_000_000);
      return link.chunkSize();
    });

    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(3);
  });

  it('loses least for the mean distance between cuts', () => {
    const link = cutEvery(30_000_000, 4);

    // Young's formula with 1,200 bytes a chunk: sqrt(2 · 30 MB · 1,200 B) = 268 kB, on the grid 262,144.
    expect(link.chunkSize()).toBe(262_144);
  });

  it('takes no longer than two seconds', () => {
    const link = good();
    link.delivered(100_000_000);
    link.rateSample(100);

    expect(link.chunkSize()).toBe(196_608);
  });

  it('is the largest on a local network', () => {
    const link = createLink(() => null);
    link.roundTrip(1, true);

    expect(link.chunkSize()).toBe(MAX_CHUNK);
  });
});

describe('how much one request may carry', () => {
  it('is a photograph on a good link, more once more has passed, and all there is on a local one', () => {
    const link = good();
    const first = link.postLimit();
    link.delivered(48_000_000);
    const local = createLink(() => null);
    local.roundTrip(1, true);

    expect([first, link.postLimit(), local.postLimit()]).toEqual([8_388_608, 12_000_000, MAX_POST]);
  });

  it('is six of the smallest chunks on a weak link, and nothing once it was cut', () => {
    const link = weak();
    const first = link.postLimit();
    link.delivered(100_000);
    link.cut(0, 1_000);

    expect([first, link.postLimit()]).toEqual([6 * UNIT, 0]);
  });

  it('is open until a round trip is known', () => {
    const link = createLink(() => null);
    const before = link.postLimits();
    link.roundTrip(60, true);

    expect(before).toEqual({ least: 6 * UNIT, most: 8_388_608 });
    expect(link.postLimits()).toEqual({ least: 8_388_608, most: 8_388_608 });
  });

  it('is not open where the browser calls the link weak', () => {
    expect(createLink(() => 'weak').postLimits()).toEqual({ least: 6 * UNIT, most: 6 * UNIT });
  });
});
