import { startCatalogue, type TestCatalogue } from '../../../test/support/catalogue.ts';
import { createFindImage, createIdsAfter, createStatesOf } from '../src/adapters/catalogue-versions.ts';
import { type StartPorts, startReprocess, startReprocessSchema } from '../src/core/start-reprocess.ts';
import { developedBy } from './support/developed.ts';
import { nthId, record } from './support/fixtures.ts';

let catalogue: TestCatalogue;
beforeAll(async () => {
  catalogue = await startCatalogue();
  for (let n = 0; n < 250; n += 1)
    await catalogue.put(developedBy(n % 5 === 0 ? 2 : 1, { imageId: nthId(n), tenant: 'acme' }));
  await catalogue.put(developedBy(1, { imageId: nthId(900), tenant: 'other' }));
  await catalogue.put(record({ imageId: nthId(901), tenant: 'acme' }));
  await catalogue.put(record({ imageId: nthId(902), tenant: 'acme', status: 'DELETED' }));
}, 60_000);
afterAll(async () => {
  await catalogue.stop();
});

const OUTDATED = Array.from({ length: 250 }, (_, n) => n).filter((n) => n % 5 !== 0);

const house = (changes: Partial<StartPorts> = {}) => {
  const queue: string[] = [];
  const ports: StartPorts = {
    idsAfter: createIdsAfter(catalogue),
    statesOf: createStatesOf(catalogue),
    enqueue: (ids) => Promise.resolve(void queue.push(...ids)),
    remainingMs: () => 60_000,
    ladderRevision: 2,
    ...changes,
  };
  return { ports, queue };
};
const order = (changes: object = {}) => startReprocessSchema.parse({ tenant: 'acme', ...changes });

describe('startReprocess', () => {
  it('queues every outdated image of a tenant, and nothing else, over all pages', async () => {
    const { ports, queue } = house();
    await expect(startReprocess(ports, order())).resolves.toEqual({ examined: 252, queued: 200, next: null });
    expect(queue.sort()).toEqual(OUTDATED.map((n) => nthId(n)));
  });

  it('goes on where it ended, when time is short or enough are queued', async () => {
    const { ports, queue } = house({ remainingMs: () => 0 });
    let next: string | null | undefined;
    const calls: (string | null)[] = [];
    do {
      ({ next } = await startReprocess(ports, order(next === undefined ? {} : { after: next })));
      calls.push(next);
    } while (next !== null);
    expect(calls.length).toBeGreaterThan(2);
    expect(queue.sort()).toEqual(OUTDATED.map((n) => nthId(n)));

    const some = house();
    const first = await startReprocess(some.ports, order({ maximum: 10 }));
    expect(first).toEqual({ examined: 100, queued: 80, next: nthId(99) });
  });

  it("takes the given images, if they are the tenant's", async () => {
    const { ports, queue } = house();
    const imageIds = [nthId(1), nthId(5), nthId(900), nthId(901), nthId(999), nthId(1)];
    await expect(startReprocess(ports, order({ imageIds }))).resolves.toEqual({ examined: 5, queued: 1, next: null });
    expect(queue).toEqual([nthId(1)]);
  });

  it('has nothing to do for a tenant without images', async () => {
    const { ports } = house();
    await expect(startReprocess(ports, order({ tenant: 'nobody' }))).resolves.toEqual({
      examined: 0,
      queued: 0,
      next: null,
    });
  });

  it('reads one image as it is', async () => {
    await expect(createFindImage(catalogue)(nthId(1))).resolves.toMatchObject({ imageId: nthId(1), status: 'READY' });
    await expect(createFindImage(catalogue)(nthId(998))).resolves.toBeUndefined();
  });
});
