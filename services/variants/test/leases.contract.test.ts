import { startTable, type TestTable } from '../../../test/support/catalogue.ts';
import { createReleaseLease, createTakeLease, LEASE_MS } from '../src/adapters/leases.ts';

let demand: TestTable;
beforeAll(async () => {
  demand = await startTable('variants', 'DemandTable');
});
afterAll(async () => {
  await demand.stop();
});

const at = (now: number) => ({ client: demand.client, table: demand.table, now: () => now });

describe('a lease', () => {
  it('goes to one of many who ask at the same time', async () => {
    const taken = await Promise.all(Array.from({ length: 30 }, () => createTakeLease(at(1_000))('race')));
    expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('is free again when its time is over, and not a millisecond before', async () => {
    expect(await createTakeLease(at(1_000))('late')).toBeDefined();
    expect(await createTakeLease(at(1_000 + LEASE_MS))('late')).toBeUndefined();
    expect(await createTakeLease(at(1_001 + LEASE_MS))('late')).toBeDefined();
  });

  it('is given back by its holder only', async () => {
    const first = await createTakeLease(at(1_000))('mine');
    if (first === undefined) throw new Error('expected the lease');
    await createReleaseLease(at(1_000))({ ...first, holder: 'somebody else' });
    expect(await createTakeLease(at(1_000))('mine')).toBeUndefined();
    await createReleaseLease(at(1_000))(first);
    expect(await createTakeLease(at(1_000))('mine')).toBeDefined();
    // Given back too late: it is another's by now.
    await createReleaseLease(at(1_000))(first);
    expect(await createTakeLease(at(1_000))('mine')).toBeUndefined();
  });
});
