import { createFakeClock, settled } from '../../test/support/clock.ts';
import { NetworkError, UploadError } from './errors.ts';
import { createPatience, type Trouble } from './patience.ts';
import type { Ports } from './ports.ts';

const cause = new NetworkError('expected an answer but the connection failed');
const silent = (change: Partial<Trouble> = {}): Trouble => ({
  ...{ failure: 'silent', failures: 3, retryAfter: null, cause },
  ...change,
});

const patienceOf = (limitMs: number | null) => {
  const clock = createFakeClock();
  const listeners = new Set<() => void>();
  const told: boolean[] = [];
  let isOnline = true;
  const ports: Ports = {
    ...clock,
    transport: () => Promise.reject(new Error('expected no request but there was one')),
    network: {
      online: () => isOnline,
      effectiveType: () => null,
      saveData: () => false,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    random: () => 0.5,
    digest: () => Promise.resolve(''),
    hashStream: () => ({ update: () => undefined, hex: () => '' }),
  };
  const patience = createPatience(ports, limitMs, (offline) => told.push(offline));
  const waits = new AbortController();
  /** Starts a wait and keeps what becomes of it. */
  const wait = (trouble: Trouble) => {
    const seen: { end: string | undefined; error: unknown } = { end: undefined, error: undefined };
    patience.wait(trouble, waits.signal).then(
      () => (seen.end = 'over'),
      (error: unknown) => Object.assign(seen, { end: 'rejected', error }),
    );
    return seen;
  };
  const network = (online: boolean): void => {
    isOnline = online;
    for (const listener of [...listeners]) listener();
  };
  return { ...{ clock, patience, wait, network, told, listeners }, abort: (reason: Error) => waits.abort(reason) };
};

describe('the wait between tries', () => {
  it('is as long as backoff says', async () => {
    const { clock, wait } = patienceOf(null);
    const seen = wait(silent({ failures: 3 }));

    await clock.pass(499);
    expect(seen.end).toBeUndefined();

    await clock.pass(1);
    expect(seen.end).toBe('over');
  });

  it('is none after the first lost connection', async () => {
    const { wait } = patienceOf(null);

    const seen = wait(silent({ failures: 1 }));
    await settled();

    expect(seen.end).toBe('over');
  });

  it('is what the server asked for', async () => {
    const { clock, wait } = patienceOf(null);
    const seen = wait({ failure: 'answered', failures: 1, retryAfter: 7000, cause });

    await clock.pass(6999);
    expect(seen.end).toBeUndefined();

    await clock.pass(1);
    expect(seen.end).toBe('over');
  });

  it('counts what the failed try has waited itself', async () => {
    const { clock, wait } = patienceOf(null);
    const [some, all] = [wait(silent({ failures: 4, spent: 600 })), wait(silent({ failures: 4, spent: 5000 }))];
    await settled();
    expect([some.end, all.end]).toEqual([undefined, 'over']);

    await clock.pass(400);
    expect(some.end).toBe('over');
  });

  it('ends when the network says that it is back', async () => {
    const { wait, network, listeners } = patienceOf(null);
    const seen = wait(silent({ retryAfter: 60_000 }));
    await settled();

    network(true);
    await settled();

    expect(seen.end).toBe('over');
    expect(listeners.size).toBe(0);
  });

  it.each([
    ['a long wait', { retryAfter: 60_000 }],
    ['no wait at all', { failures: 1 }],
  ])('ends with the reason when it is called off: %s', async (_, change) => {
    const { wait, abort, listeners } = patienceOf(null);
    const before = wait(silent({ retryAfter: 60_000 }));
    await settled();

    abort(new Error('called off'));
    const after = wait(silent(change));
    await settled();

    for (const seen of [before, after]) expect(seen).toEqual({ end: 'rejected', error: new Error('called off') });
    expect(listeners.size).toBe(0);
  });
});

describe('patience', () => {
  it.each([
    ['UNREACHABLE', 'silent'],
    ['STALLED', 'answered'],
  ] as const)('ends with %s after the limit', async (code, failure) => {
    const { clock, patience } = patienceOf(60_000);
    await clock.pass(60_000);

    const error: unknown = await patience
      .wait({ failure, failures: 9, retryAfter: null, cause }, new AbortController().signal)
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(UploadError);
    expect(error).toMatchObject({ code, cause });
  });

  it('can be asked after without a wait', async () => {
    const { clock, patience } = patienceOf(60_000);
    const check = (): void => patience.check({ failure: 'answered', cause });
    await clock.pass(59_999);
    expect(check).not.toThrow();

    await clock.pass(1);
    expect(check).toThrow(expect.objectContaining({ code: 'STALLED', cause }));

    patience.progressed();
    expect(check).not.toThrow();
  });

  it('lasts to its limit, and anew from each progress', async () => {
    const { clock, patience, wait } = patienceOf(60_000);
    await clock.pass(59_999);
    const early = wait(silent());
    await clock.pass(1000);
    expect(early.end).toBe('over');

    patience.progressed();
    await clock.pass(59_999);
    const late = wait(silent());
    await clock.pass(1000);

    expect(late.end).toBe('over');
    expect(wait(silent()).end).toBeUndefined();
  });

  it('never ends without a limit', async () => {
    const { clock, wait } = patienceOf(null);
    await clock.pass(1e12);

    const seen = wait(silent({ failures: 1e6 }));
    await clock.pass(2000);

    expect(seen.end).toBe('over');
  });
});

describe('offline', () => {
  it('waits for the network to come back, and says so', async () => {
    const { clock, wait, network, told, listeners } = patienceOf(null);
    network(false);
    const seen = wait(silent({ failures: 1 }));
    await clock.pass(29_000);
    network(false);
    await settled();
    expect(seen.end).toBeUndefined();
    expect(told).toEqual([true]);

    network(true);
    await settled();

    expect(seen.end).toBe('over');
    expect(told).toEqual([true, false]);
    expect(listeners.size).toBe(0);
  });

  it('tries now and then all the same', async () => {
    const { clock, wait, network, told } = patienceOf(null);
    network(false);
    const seen = wait(silent());

    await clock.pass(30_000);

    expect(seen.end).toBe('over');
    expect(told).toEqual([true, true]);
  });

  it('costs no patience', async () => {
    const { clock, wait, network } = patienceOf(40_000);
    network(false);
    wait(silent());
    await clock.pass(30_000);
    wait(silent());
    await clock.pass(30_000);

    network(true);
    const seen = wait(silent());
    await clock.pass(1000);

    expect(seen.end).toBe('over');
  });

  it('ends with the reason when it is called off', async () => {
    const { wait, network, abort, listeners } = patienceOf(null);
    network(false);
    const seen = wait(silent());
    await settled();

    abort(new Error('called off'));
    await settled();

    expect(seen).toEqual({ end: 'rejected', error: new Error('called off') });
    expect(listeners.size).toBe(0);
  });
});
