import { NetworkError } from './errors.ts';
import type { Link } from './link.ts';
import type { Ports } from './ports.ts';

/**
 * Sees bodies that no longer move. Silence alone does not tell a dead connection from a slow link or a tunnel, and giving up a
 * live one wastes its bytes. So after some silence a small request is sent over a new connection: when it is answered while a body
 * still does not move, that body's connection is dead.
 */

/** How often bodies are looked at, in milliseconds: half of the shortest silence that means anything. */
const LOOK_MS = 250;
/** Silence that is asked about, in milliseconds: at least (a radio that wakes up takes half a second), and at most. */
const LEAST_SILENCE_MS = 1_000;
const MOST_SILENCE_MS = 10_000;
/** The same while the rate is unknown: a first chunk of 64 KiB takes so long at 100 kbit/s. */
const UNKNOWN_SILENCE_MS = 5_000;
/** Taken for the round trip before one was measured, in milliseconds: that of a 2G link. */
const UNKNOWN_RTT_MS = 800;
/** Taken for the rate before one was measured, in bytes a millisecond: 128 kbit/s. */
const SLOW = 16;
/**
 * Longest a probe waits, in milliseconds. The system repeats a lost SYN after 1 s, then 2 s, 4 s, …: a new probe finds the link back
 * sooner than an old one. After some in vain they wait longer, up to 12 s for the slowest of links.
 */
const LEAST_PROBE_MS = 1_000;
const MOST_PROBE_MS = 12_000;
const SHORT_PROBES = 8;

/** Milliseconds that a probe may take, after so many in vain. */
export const probeLimit = (link: Link, failures: number): number => {
  const first = Math.max(LEAST_PROBE_MS, 5 * (link.rtt() ?? UNKNOWN_RTT_MS));
  return Math.min(MOST_PROBE_MS, first * 1.5 ** Math.max(0, failures - SHORT_PROBES));
};
/** A body that has not moved for so long is given up whatever else, in milliseconds: longer than most tunnels of a train. */
const MOST_STILL_MS = 60_000;

/** One body under way. */
export interface Flight {
  /** Bytes have left. */
  readonly moved: () => void;
  readonly end: () => void;
}

export interface Watch {
  /** Watches a body; `kill` is called with a stalled `NetworkError` when it is found dead. */
  readonly fly: (size: number, kill: (reason: NetworkError) => void) => Flight;
  /** Something was heard over the link. */
  readonly heard: () => void;
}

interface Watched {
  readonly size: number;
  readonly kill: (reason: NetworkError) => void;
  readonly startedAt: number;
  movedAt: number;
  /** When it ends unless it moves before. */
  doomedAt: number;
}

/** Milliseconds of silence that a probe should look into, and milliseconds that a body may stay silent after the probe's answer. */
const limits = (link: Link, bytes: number): { silence: number; grace: number } => {
  const rate = link.rate();
  const rtt = link.rtt() ?? UNKNOWN_RTT_MS;
  const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
  const grace = (due: number): number => clamp(due, LEAST_SILENCE_MS / 2, MOST_STILL_MS);
  if (rate === null) return { silence: UNKNOWN_SILENCE_MS, grace: grace(MOST_SILENCE_MS + bytes / SLOW) };
  const due = bytes / rate + 2 * rtt;
  return {
    silence: clamp(2 * due, LEAST_SILENCE_MS, MOST_SILENCE_MS),
    // A kernel with a large buffer calls bytes sent that have not left: they get the time that they need.
    grace: grace(due),
  };
};

/** `probe` sends the small request, with a limit in milliseconds, and resolves to whether it was answered. */
export const createWatch = (ports: Ports, link: Link, probe: (limit: number) => Promise<boolean>): Watch => {
  const bodies = new Set<Watched>();
  let heardAt = ports.now();
  let probing = false;
  let unanswered = 0;
  let cancel: (() => void) | undefined;

  const outstanding = (): number => [...bodies].reduce((sum, body) => sum + body.size, 0);
  const kill = (body: Watched): void => {
    bodies.delete(body);
    const alone = unanswered === 0 && heardAt > body.movedAt;
    body.kill(new NetworkError('expected the body to move but it has stood still', { stalled: true, alone }));
  };

  const ask = async (): Promise<void> => {
    probing = true;
    const askedAt = ports.now();
    const limit = probeLimit(link, unanswered);
    const answered = await probe(limit);
    unanswered = answered ? 0 : unanswered + 1;
    if (answered) {
      const { grace } = limits(link, outstanding());
      const until = ports.now() + grace;
      for (const body of [...bodies]) {
        if (body.movedAt >= askedAt) continue;
        // Its connection never opened: nothing is lost with it, and the system may try that again only after many seconds.
        if (body.movedAt === body.startedAt) kill(body);
        else body.doomedAt = Math.min(body.doomedAt, until);
      }
    } else {
      // A refusal comes at once: the next question waits as long as this one was allowed to.
      await new Promise<void>((resolve) => ports.after(Math.max(0, limit - (ports.now() - askedAt)), resolve));
    }
    probing = false;
  };

  const look = (): void => {
    cancel = undefined;
    const now = ports.now();
    const { silence } = limits(link, outstanding());
    for (const body of [...bodies]) {
      // Others are heard while this one is not: its connection is dead, and no question is needed.
      const alone = heardAt - body.movedAt > 2 * silence;
      if (now >= body.doomedAt || alone || now - body.movedAt > MOST_STILL_MS) kill(body);
    }
    const last = Math.max(heardAt, ...[...bodies].map((body) => body.movedAt));
    if (bodies.size > 0 && now - last > silence && !probing) void ask();
    arm();
  };
  const arm = (): void => {
    if (cancel === undefined && bodies.size > 0) cancel = ports.after(LOOK_MS, look);
  };

  return {
    heard: () => {
      heardAt = ports.now();
    },
    fly: (size, onDead) => {
      const startedAt = ports.now();
      const body: Watched = { size, kill: onDead, startedAt, movedAt: startedAt, doomedAt: Number.POSITIVE_INFINITY };
      bodies.add(body);
      arm();
      return {
        moved: () => {
          body.movedAt = ports.now();
          body.doomedAt = Number.POSITIVE_INFINITY;
        },
        end: () => {
          bodies.delete(body);
          if (bodies.size > 0) return;
          cancel?.();
          cancel = undefined;
        },
      };
    },
  };
};
