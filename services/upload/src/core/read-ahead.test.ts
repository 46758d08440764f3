import { setImmediate } from 'node:timers/promises';
import { seeded } from '../../../../packages/client/test/support/random.ts';
import { type ReadAhead, readAhead } from './read-ahead.ts';

interface Observed {
  /** Items whose reads began, in order. */
  readonly begun: number[];
  readonly most: { reads: number; bytes: number };
}

/** Reads of items that are their own sizes, with counters; `used` is told when the consumer is through with an item. */
const observed = (changes: Partial<ReadAhead<number>> = {}) => {
  const seen: Observed = { begun: [], most: { reads: 0, bytes: 0 } };
  let reads = 0;
  let bytes = 0;
  const source: ReadAhead<number> = {
    read: async (size) => {
      seen.begun.push(size);
      reads += 1;
      bytes += size;
      seen.most.reads = Math.max(seen.most.reads, reads);
      seen.most.bytes = Math.max(seen.most.bytes, bytes);
      await setImmediate();
      reads -= 1;
      return new Uint8Array(size);
    },
    sizeOf: (size) => size,
    maxBytes: 1_000,
    maxReads: 4,
    ...changes,
  };
  return { source, seen, used: (size: number) => (bytes -= size) };
};

const sizesOf = async (items: readonly number[], source: ReadAhead<number>, used: (size: number) => void) => {
  const sizes: number[] = [];
  for await (const [item, bytes] of readAhead(items, source)) {
    sizes.push(bytes.length);
    await setImmediate();
    used(item);
  }
  return sizes;
};

describe('readAhead', () => {
  it('answers every item in order with its bytes, though later reads end earlier', async () => {
    const { source, used } = observed({
      read: async (size) => {
        for (let turns = 10 - size; turns > 0; turns -= 1) await setImmediate();
        return new Uint8Array(size);
      },
    });

    await expect(sizesOf([1, 2, 3, 4, 5, 6, 7, 8, 9], source, used)).resolves.toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('answers nothing for no items', async () => {
    const { source, used } = observed();

    await expect(sizesOf([], source, used)).resolves.toEqual([]);
  });

  it('reads the next items while the first is in use', async () => {
    const { source, seen } = observed();
    const reading = readAhead([1, 2, 3, 4, 5, 6, 7, 8, 9], source);

    await reading.next();

    expect(seen.begun.length).toBeGreaterThanOrEqual(4);
    expect(seen.begun.length).toBeLessThan(9);
    await reading.return(undefined);
  });

  it.each([1, 2, 4])('has never more than %p reads at the same time', async (maxReads) => {
    const { source, seen, used } = observed({ maxReads });

    await sizesOf(
      Array.from({ length: 20 }, () => 1),
      source,
      used,
    );

    expect(seen.most.reads).toBe(maxReads);
  });

  it('never holds more bytes than it may, those in use and in flight included', async () => {
    const random = seeded(5);
    const { source, seen, used } = observed({ maxBytes: 300, maxReads: 50 });
    const items = Array.from({ length: 200 }, () => 1 + Math.floor(random() * 100));

    const sizes = await sizesOf(items, source, used);

    expect(sizes).toEqual(items);
    expect(seen.most.bytes).toBeLessThanOrEqual(300);
    expect(seen.most.bytes).toBeGreaterThan(200);
  });

  it('fills the bytes that it may hold to the last one', async () => {
    const { source, seen, used } = observed({ maxBytes: 300, maxReads: 50 });

    await sizesOf([100, 100, 100, 100], source, used);

    expect(seen.most.bytes).toBe(300);
  });

  it('reads an item that is larger than all it may hold, alone', async () => {
    const { source, seen, used } = observed({ maxBytes: 300 });

    const sizes = await sizesOf([10, 500, 10], source, used);

    expect(sizes).toEqual([10, 500, 10]);
    expect(seen.most.bytes).toBe(500);
  });

  it('answers what comes before a read that fails, then throws its error', async () => {
    const answered: number[] = [];
    const { source } = observed({
      read: (size) => (size === 3 ? Promise.reject(new Error('third')) : Promise.resolve(new Uint8Array(size))),
    });

    const all = (async () => {
      for await (const [item] of readAhead([1, 2, 3, 4], source)) answered.push(item);
    })();

    await expect(all).rejects.toThrow('third');
    expect(answered).toEqual([1, 2]);
  });

  it('throws the error of the first item that fails, also when a later one has failed before', async () => {
    const { source, used } = observed({
      read: async (size) => {
        for (let turns = 3 - size; turns > 0; turns -= 1) await setImmediate();
        throw new Error(`item ${size}`);
      },
    });

    await expect(sizesOf([1, 2, 3], source, used)).rejects.toThrow('item 1');
  });

  it('leaves no failure unheard when its consumer stops early', async () => {
    const unheard: unknown[] = [];
    const hear = (error: unknown) => unheard.push(error);
    process.on('unhandledRejection', hear);
    const { source } = observed({
      read: (size) => (size === 1 ? Promise.resolve(new Uint8Array(1)) : Promise.reject(new Error('late'))),
    });

    for await (const [item] of readAhead([1, 2, 3], source)) if (item === 1) break;
    await setImmediate();
    await setImmediate();

    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });
});
