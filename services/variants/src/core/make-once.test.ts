import { LEASE_MS } from '../adapters/leases.ts';
import type { Lease } from '../ports.ts';
import { makeOnce, type OncePorts, PATIENCE_MS } from './make-once.ts';

/** A store and a lease table in simulated time: sleepers wake in order, and time passes only while all wait. */
const world = () => {
  let now = 0;
  let holders = 0;
  const files = new Map<string, Buffer>();
  const leases = new Map<string, { holder: string; until: number }>();
  const sleepers: { at: number; wake: () => void }[] = [];
  const told: string[] = [];
  const sleep = (milliseconds: number) =>
    new Promise<void>((wake) => {
      sleepers.push({ at: now + milliseconds, wake });
    });
  const ports: OncePorts = {
    readVariant: (key) => Promise.resolve(files.get(key)),
    takeLease: (key): Promise<Lease | undefined> => {
      const held = leases.get(key);
      if (held !== undefined && held.until >= now) return Promise.resolve(undefined);
      holders += 1;
      const holder = String(holders);
      leases.set(key, { holder, until: now + LEASE_MS });
      return Promise.resolve({ key, holder });
    },
    releaseLease: ({ key, holder }) => {
      if (leases.get(key)?.holder === holder) leases.delete(key);
      return Promise.resolve();
    },
    now: () => now,
    sleep,
    random: () => 0.5,
    tell: (_level, message) => told.push(message),
  };
  /** Lets everything that can go on go on, then time pass to the next sleeper, until nobody sleeps. */
  const play = async (): Promise<void> => {
    for (;;) {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      const next = sleepers.sort((a, b) => a.at - b.at).shift();
      if (next === undefined) return;
      now = next.at;
      next.wake();
    }
  };
  const maker = (milliseconds: number) => {
    const made: string[] = [];
    const make =
      (who: string, key = 'k') =>
      async () => {
        made.push(who);
        await sleep(milliseconds);
        files.set(key, Buffer.from(who));
        return who;
      };
    return { made, make };
  };
  return { ports, play, files, leases, told, maker, sleep, now: () => now };
};

describe('makeOnce', () => {
  it('makes a file once for fifty that ask at the same time, and gives it to all', async () => {
    const { ports, play, maker } = world();
    const { made, make } = maker(700);
    const all = Array.from({ length: 50 }, (_, n) => makeOnce(ports, 'k', make(`m${n}`)));
    await play();
    const answers = await Promise.all(all);
    expect(made).toEqual(['m0']);
    expect(answers.map((answer) => ('stored' in answer ? answer.stored.toString() : answer.made))).toEqual(
      Array.from({ length: 50 }, () => 'm0'),
    );
  });

  it('gives what is stored and makes nothing', async () => {
    const { ports, play, maker, files } = world();
    files.set('k', Buffer.from('there'));
    const { made, make } = maker(1);
    const answer = makeOnce(ports, 'k', make('m'));
    await play();
    expect(await answer).toEqual({ stored: Buffer.from('there') });
    expect(made).toEqual([]);
  });

  it('takes a lease over from a holder that died, when it has run out', async () => {
    const { ports, play, maker, leases, now } = world();
    leases.set('k', { holder: 'dead', until: LEASE_MS });
    const { made, make } = maker(500);
    const all = ['a', 'b', 'c'].map((who) => makeOnce(ports, 'k', make(who)));
    await play();
    await Promise.all(all);
    expect(made).toHaveLength(1);
    expect(now()).toBeLessThan(LEASE_MS + 2_500);
  });

  it('lets the next one try at once when a holder fails', async () => {
    const { ports, play, maker, now, sleep } = world();
    const { made, make } = maker(200);
    const failing = makeOnce(ports, 'k', async () => {
      await sleep(100);
      throw new Error('broken picture');
    });
    const next = makeOnce(ports, 'k', make('second'));
    failing.catch(() => undefined);
    await play();
    await expect(failing).rejects.toThrow('broken picture');
    await expect(next).resolves.toEqual({ made: 'second' });
    expect(made).toEqual(['second']);
    expect(now()).toBeLessThan(1_000);
  });

  it('makes the file after its patience, though others still hold the lease', async () => {
    const { ports, play, maker, now } = world();
    const { made, make } = maker(1);
    const answer = makeOnce({ ...ports, takeLease: () => Promise.resolve(undefined) }, 'k', make('m'));
    await play();
    expect(await answer).toEqual({ made: 'm' });
    expect(made).toEqual(['m']);
    expect(now()).toBeGreaterThanOrEqual(PATIENCE_MS);
    expect(now()).toBeLessThan(PATIENCE_MS + 2_000);
  });

  it('works without the lease table, and says so', async () => {
    const { ports, play, maker, told } = world();
    const { made, make } = maker(1);
    const broken = { ...ports, takeLease: () => Promise.reject(new Error('throttled')) };
    const answer = makeOnce(broken, 'k', make('m'));
    await play();
    expect(await answer).toEqual({ made: 'm' });
    expect(made).toEqual(['m']);
    expect(told).toHaveLength(1);
  });
});
