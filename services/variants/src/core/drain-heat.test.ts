import type { HotMessage } from '../ports.ts';
import { type DrainPorts, drainHeat, HeatIncompleteError, RESERVE_MS } from './drain-heat.ts';
import type { Reencoded } from './reencode.ts';

const message = (key: string | undefined, n = 0): HotMessage => ({
  messageId: `m${n}`,
  receiptHandle: `r${n}`,
  hot: key === undefined ? undefined : { key },
});

const house = (keys: (string | undefined)[], changes: Partial<DrainPorts> = {}) => {
  const queue = keys.map((key, n) => message(key, n));
  const removed: string[] = [];
  const told: string[] = [];
  const ports: DrainPorts = {
    receive: () => Promise.resolve(queue.shift()),
    remove: ({ messageId }) => Promise.resolve(void removed.push(messageId)),
    reencode: (): Promise<Reencoded> => Promise.resolve({ outcome: 'smaller', before: 100, after: 80 }),
    remainingMs: () => 900_000,
    tell: (level, text) => told.push(`${level} ${text}`),
    ...changes,
  };
  return { ports, removed, told, left: queue };
};

describe('drainHeat', () => {
  it('works the queue off and says what it saved', async () => {
    const { ports, removed } = house(['a', 'b', 'c']);
    await expect(drainHeat(ports)).resolves.toEqual({ done: 3, saved: 60, failed: 0 });
    expect(removed).toEqual(['m0', 'm1', 'm2']);
  });

  it('begins nothing that its time may not last for', async () => {
    let remaining = RESERVE_MS + 250;
    const { ports, removed, left } = house(['a', 'b', 'c'], { remainingMs: () => (remaining -= 100) });
    await expect(drainHeat(ports)).resolves.toMatchObject({ done: 2 });
    expect(removed).toHaveLength(2);
    expect(left).toHaveLength(1);
  });

  it('leaves what failed on the queue, goes on, and complains at the end', async () => {
    const { ports, removed, told } = house(['a', undefined, 'b', 'c'], {
      reencode: (key) => (key === 'a' ? Promise.reject(new Error('broken')) : Promise.resolve({ outcome: 'gone' })),
    });
    await expect(drainHeat(ports)).rejects.toThrow(HeatIncompleteError);
    expect(removed).toEqual(['m2', 'm3']);
    expect(told.filter((line) => line.startsWith('error'))).toHaveLength(2);
  });
});
