import { prices } from '@darkroom/types/prices';
import type { View } from './access-log.ts';
import { type CountPorts, countTallies, STEP, type Tally, tallyViews } from './count-views.ts';

async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
const view = (n: number, key = 'k'): View => ({ key, width: 640, tier: 'n', bytes: 100, requestId: `request-${n}` });

describe('tallyViews', () => {
  it('adds up views and bytes by rendition, and passes over what is none', async () => {
    const views = [view(1), undefined, view(2, 'other'), view(3)];
    await expect(tallyViews(streamOf(views), 1)).resolves.toEqual([
      { key: 'k', width: 640, tier: 'n', views: 2, bytes: 200 },
      { key: 'other', width: 640, tier: 'n', views: 1, bytes: 100 },
    ]);
  });

  it('counts one of so many as so many: the same ones every time, and about right', async () => {
    const views = Array.from({ length: 8_000 }, (_, n) => view(n));
    const [once] = await tallyViews(streamOf(views), 8);
    const [again] = await tallyViews(streamOf(views), 8);
    expect(again).toEqual(once);
    expect((once?.views ?? 0) % 8).toBe(0);
    expect(once?.views).toBeGreaterThan(7_000);
    expect(once?.views).toBeLessThan(9_000);
  });

  it('holds no more renditions than it may', async () => {
    const views = Array.from({ length: 50 }, (_, n) => view(n, `k${n % 10}`));
    const tallies = await tallyViews(streamOf(views), 1, 4);
    expect(tallies.map(({ key, views: count }) => [key, count])).toEqual([
      ['k0', 5],
      ['k1', 5],
      ['k2', 5],
      ['k3', 5],
    ]);
  });
});

/** Counters, progress and a queue in memory. `dieAt`: the n-th counter write throws. */
const house = (dieAt = Number.POSITIVE_INFINITY) => {
  const counters = new Map<string, { views: number; bytes: number; isQueued: boolean }>();
  const progress = new Map<string, number>();
  const sent: string[] = [];
  let writes = 0;
  const ports: CountPorts = {
    claimStep: (file, step) => {
      if ((progress.get(file) ?? 0) !== step) return Promise.resolve(false);
      progress.set(file, step + 1);
      return Promise.resolve(true);
    },
    countView: (key, seen) => {
      writes += 1;
      if (writes === dieAt) return Promise.reject(new Error('killed'));
      const old = counters.get(key) ?? { views: 0, bytes: 0, isQueued: false };
      const now = { ...old, views: old.views + seen.views, bytes: old.bytes + seen.bytes };
      counters.set(key, now);
      return Promise.resolve(now);
    },
    sendHot: ({ key }) => Promise.resolve(void sent.push(key)),
    markQueued: (key) => {
      const old = counters.get(key);
      if (old !== undefined) counters.set(key, { ...old, isQueued: true });
      return Promise.resolve();
    },
    prices,
    tell: () => undefined,
  };
  return { ports, counters, sent };
};

const tallies = (count: number, bytes = 1_000): Tally[] =>
  Array.from({ length: count }, (_, n) => ({ key: `k${n}`, width: 640, tier: 'n', views: 1, bytes }));
const total = (counters: Map<string, { views: number }>): number =>
  [...counters.values()].reduce((sum, { views }) => sum + views, 0);

describe('countTallies', () => {
  it('counts a file once, however often and however many at a time it is delivered', async () => {
    const { ports, counters } = house();
    const file = tallies(4 * STEP + 3);
    await Promise.all([1, 2, 3].map(() => countTallies(ports, 'file', file)));
    await countTallies(ports, 'file', file);
    expect(total(counters)).toBe(file.length);
  });

  it('goes on with a file whose reader died, short of one step at most, and never beyond the truth', async () => {
    const file = tallies(6 * STEP);
    for (const dieAt of [1, STEP, STEP + 7, 5 * STEP + 1]) {
      const { ports, counters } = house(dieAt);
      await expect(countTallies(ports, 'file', file)).rejects.toThrow('killed');
      await countTallies(ports, 'file', file);
      expect(total(counters)).toBeLessThanOrEqual(file.length);
      expect(total(counters)).toBeGreaterThanOrEqual(file.length - STEP);
    }
  });

  it('puts a rendition on the heat queue when its views have paid, and once', async () => {
    const { ports, sent } = house();
    const one: Tally = { key: 'hot', width: 640, tier: 'n', views: 50, bytes: 500_000 };
    await countTallies(ports, 'file 1', [one, { ...one, key: 'cold', bytes: 10 }]);
    expect(sent).toEqual([]);
    await countTallies(ports, 'file 2', [{ ...one, bytes: 5_000_000 }]);
    await countTallies(ports, 'file 3', [one]);
    expect(sent).toEqual(['hot']);
  });

  it('sends again what may not have been sent', async () => {
    const { ports, sent } = house();
    const one: Tally = { key: 'hot', width: 640, tier: 'n', views: 50, bytes: 5_000_000 };
    const died = { ...ports, markQueued: () => Promise.reject(new Error('killed')) };
    await expect(countTallies(died, 'file 1', [one])).rejects.toThrow('killed');
    await countTallies(ports, 'file 2', [one]);
    await countTallies(ports, 'file 3', [one]);
    expect(sent).toEqual(['hot', 'hot']);
  });
});
