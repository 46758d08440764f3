import fc from 'fast-check';
import { createLink, type ConnectionHooks, type Link } from './link.ts';
import { type LinkProfile, profileNames, profiles } from './profiles.ts';
import { planLink } from './schedule.ts';
import { createManualTimeline } from './timeline.ts';

const clean: LinkProfile = {
  up: 100_000,
  down: 400_000,
  roundTripMs: 100,
  jitterMs: 0,
  sendBufferBytes: 65_536,
  meanBytesBetweenResets: null,
  interruptions: [],
};

/** A client that sends for ever, or so many bytes, and a server that keeps count. */
const send = (link: Link, bytes = Infinity) => {
  const seen = { taken: 0, arrived: 0, connected: 0, opened: 0, resets: 0, ended: 0, down: 0 };
  let left = bytes;
  const hooks: ConnectionHooks = {
    onTaken: (taken) => {
      seen.taken += taken;
      offer(taken);
    },
    onServerTaken: () => undefined,
    onConnected: () => {
      seen.connected++;
    },
    onOpen: () => {
      seen.opened++;
    },
    toServer: (arrived) => {
      seen.arrived += arrived.length;
    },
    toClient: (arrived) => {
      seen.down += arrived.length;
    },
    endToServer: () => {
      seen.ended++;
    },
    endToClient: () => undefined,
    onReset: () => {
      seen.resets++;
    },
  };
  const connection = link.connect(hooks);
  const offer = (size: number): void => {
    const offered = Math.min(size, left);
    left -= offered;
    if (offered > 0) connection.fromClient(Buffer.alloc(offered));
  };
  offer(65_536);
  return { seen, connection };
};

const onLink = (changes: Partial<LinkProfile> = {}, seed = 'a') => {
  const timeline = createManualTimeline();
  return { timeline, link: createLink({ ...clean, ...changes }, seed, timeline) };
};

describe('the rate', () => {
  it('is what the profile says, after set-up and slow start', () => {
    const { timeline, link } = onLink();
    send(link);
    timeline.runUntil(10_000);
    const before = link.counters().upBytes;
    timeline.runUntil(110_000);

    expect(link.counters().upBytes - before).toBeGreaterThan(0.99 * 100 * clean.up);
    expect(link.counters().upBytes - before).toBeLessThanOrEqual(1.001 * 100 * clean.up);
  });

  it('is shared by all connections alike', () => {
    const { timeline, link } = onLink();
    const [a, b] = [send(link), send(link)];
    timeline.runUntil(60_000);

    expect(a.seen.arrived / b.seen.arrived).toBeCloseTo(1, 1);
    expect(link.counters().upBytes).toBeLessThanOrEqual(60 * clean.up);
  });

  it('holds for each direction by itself', () => {
    const { timeline, link } = onLink();
    const { seen, connection } = send(link);
    connection.fromServer(Buffer.alloc(4_000_000));
    timeline.runUntil(10_000);

    expect(seen.down).toBeGreaterThan(3_600_000);
    expect(seen.arrived).toBeGreaterThan(900_000);
  });
});

describe('a connection', () => {
  it('is connected after a round trip, set up after two, and its first bytes arrive half a round trip later', () => {
    const { timeline, link } = onLink();
    const { seen } = send(link, 1000);
    timeline.runUntil(99);
    expect(seen.connected).toBe(0);
    timeline.runUntil(199);
    expect(seen.connected).toBe(1);
    expect(seen.opened).toBe(0);
    timeline.runUntil(200);
    expect(seen.opened).toBe(1);
    timeline.runUntil(259);
    expect(seen.arrived).toBe(0);
    timeline.runUntil(260);
    expect(seen.arrived).toBe(1000);
  });

  it('begins with ten segments and doubles each round trip', () => {
    const { timeline, link } = onLink({ up: 1e9 });
    const { seen } = send(link);
    timeline.runUntil(299);
    expect(seen.taken).toBe(14_480);
    timeline.runUntil(399);
    expect(seen.taken).toBe(14_480 * 3);
  });

  it('delivers all bytes before its end', () => {
    const { timeline, link } = onLink({ jitterMs: 30 });
    const { seen, connection } = send(link, 50_000);
    connection.endFromClient();
    timeline.runUntil(10_000);

    expect(seen).toMatchObject({ arrived: 50_000, ended: 1 });
  });
});

describe('resets', () => {
  it('come at exactly the planned byte', () => {
    const changes = { meanBytesBetweenResets: 200_000 };
    const planned = planLink({ ...clean, ...changes }, 'seed').resets;
    const { timeline, link } = onLink(changes, 'seed');
    for (let n = 0; n < 20; n++) {
      const { seen } = send(link);
      while (seen.resets === 0) timeline.runUntil(timeline.next() ?? Infinity);
      expect(link.counters().upBytes).toBe(planned.next().value);
    }
    expect(link.counters()).toMatchObject({ connections: 20, resets: 20 });
  });
});

describe('an interruption', () => {
  const lasting = (fate: 'reset' | 'silent' | 'survive') => ({
    interruptions: [
      {
        name: 'tunnel',
        everyMs: 200_000,
        lastsMs: [5000, 5000] as const,
        fate: { reset: 0, silent: 0, survive: 0, [fate]: 1 },
      },
    ],
  });
  const firstAt = (changes: Partial<LinkProfile>) =>
    planLink({ ...clean, ...changes }, 'a').interruptions[0]!.next().value.at;

  it('lets nothing pass, and lets a connection that survives go on', () => {
    const { timeline, link } = onLink(lasting('survive'));
    const { seen } = send(link);
    const at = firstAt(lasting('survive'));
    timeline.runUntil(at + 1);
    const before = seen.taken;
    timeline.runUntil(at + 4999);
    expect(seen.taken).toBe(before);
    timeline.runUntil(at + 6000);
    expect(seen.taken).toBeGreaterThan(before);
    expect(seen.resets).toBe(0);
  });

  it('resets connections', () => {
    const { timeline, link } = onLink(lasting('reset'));
    const { seen } = send(link);
    timeline.runUntil(firstAt(lasting('reset')) + 1);
    expect(seen.resets).toBe(1);
  });

  it('leaves a silent connection connected, which swallows a window and no more, until TCP gives up', () => {
    const { timeline, link } = onLink(lasting('silent'));
    const { seen } = send(link);
    const at = firstAt(lasting('silent'));
    timeline.runUntil(at + 1);
    const { arrived, taken } = seen;
    timeline.runUntil(at + 99_000);
    expect(seen.arrived).toBe(arrived);
    expect(seen.taken - taken).toBeLessThanOrEqual(65_536);
    expect(seen.resets).toBe(0);
    timeline.runUntil(at + 101_000);
    expect(seen.resets).toBe(1);
  });

  it('makes a new connection wait for the next repetition of its SYN', () => {
    const { timeline, link } = onLink(lasting('survive'));
    const at = firstAt(lasting('survive'));
    timeline.runUntil(at + 1);
    const { seen } = send(link);
    // Lost at once, after 1 s and after 3 s; the one after 7 s finds the link up again.
    timeline.runUntil(at + 7100);
    expect(seen.opened).toBe(0);
    timeline.runUntil(at + 7300);
    expect(seen.opened).toBe(1);
  });
});

describe('one seed', () => {
  it.each(profileNames)('gives %s the same course twice, and another seed another', (name) => {
    const course = (seed: string): string => {
      const timeline = createManualTimeline();
      const link = createLink(profiles[name], seed, timeline);
      const log: string[] = [];
      const connect = (): void => {
        const { seen } = send(link);
        const watch = (): void => {
          log.push(`${String(timeline.now())} ${String(seen.taken)} ${String(seen.resets)}`);
          if (seen.resets > 0) connect();
          else timeline.at(timeline.now() + 500, watch);
        };
        watch();
      };
      connect();
      timeline.runUntil(200_000);
      return log.join('\n');
    };
    expect(course('one')).toBe(course('one'));
    expect(course('one') === course('two')).toBe(false);
  });

  it('gives every client the same interruptions, whatever it sends', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const [a, b] = [planLink(profiles.train, seed), planLink(profiles.train, seed)];
        b.jitter();
        b.resets.next();
        expect(a.interruptions.map((kind) => kind.next().value)).toEqual(
          b.interruptions.map((kind) => kind.next().value),
        );
      }),
    );
  });
});
