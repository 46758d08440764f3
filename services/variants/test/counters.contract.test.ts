import { startTable, type TestTable } from '../../../test/support/catalogue.ts';
import { COUNTER_SECONDS, createClaimStep, createCountView, createMarkQueued } from '../src/adapters/counters.ts';

let demand: TestTable;
beforeAll(async () => {
  demand = await startTable('variants', 'DemandTable');
});
afterAll(async () => {
  await demand.stop();
});

const NOW = Date.UTC(2026, 10, 23, 20, 40);
const at = (now: number) => ({ client: demand.client, table: demand.table, now: () => now });

describe('a counter', () => {
  it('adds up what many write at the same time', async () => {
    const count = createCountView(at(NOW));
    await Promise.all(Array.from({ length: 20 }, () => count('many', { views: 3, bytes: 10 })));
    await expect(count('many', { views: 1, bytes: 1 })).resolves.toEqual({ views: 61, bytes: 201, isQueued: false });
  });

  it('remembers that it is queued, and lasts a week from its first view', async () => {
    const week = COUNTER_SECONDS * 1000;
    await createCountView(at(NOW))('week', { views: 5, bytes: 50 });
    await createMarkQueued(at(NOW))('week');
    const later = await createCountView(at(NOW + week - 1000))('week', { views: 1, bytes: 1 });
    expect(later).toEqual({ views: 6, bytes: 51, isQueued: true });
    const anew = await createCountView(at(NOW + week))('week', { views: 2, bytes: 2 });
    expect(anew).toEqual({ views: 2, bytes: 2, isQueued: false });
  });
});

describe('a step of a log file', () => {
  it('is claimed once, in order, whoever asks', async () => {
    const claim = createClaimStep(at(NOW));
    expect(await claim('file', 1)).toBe(false);
    const zero = await Promise.all(Array.from({ length: 10 }, () => claim('file', 0)));
    expect(zero.filter(Boolean)).toHaveLength(1);
    expect([await claim('file', 0), await claim('file', 1), await claim('file', 1), await claim('file', 2)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});
