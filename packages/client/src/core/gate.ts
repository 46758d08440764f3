import type { Link } from './link.ts';
import type { Ports } from './ports.ts';

/**
 * Lets bodies onto the link, one file after another. What is under way is lost at a cut, so the next body starts only when
 * the one before has, by the measured rate, just left; answers may be outstanding meanwhile. That fills the pipe with little at risk.
 */

/** Most bodies without an answer. Browsers open six connections to a host (HTTP/1.1); two are left for calls to the API. */
const MOST = 4;
/** The same while nothing is known, and on a link called weak. */
const MOST_UNKNOWN = 2;
/** A body may start this much before the one before has left, in milliseconds: timers and disks are late by about as much. */
const LEAD_MS = 10;

/** The right to send one body. */
export interface Pass {
  /** The body begins. */
  readonly start: (bytes: number) => void;
  /** The answer came, and the bytes are there. */
  readonly delivered: () => void;
  /** No answer came, or the bytes are not there. Also gives an unused pass back. */
  readonly failed: () => void;
}

export interface Gate {
  /** Waits for a pass; those with the smaller `order` go first. Rejects with the signal's reason. */
  readonly enter: (order: number, signal: AbortSignal) => Promise<Pass>;
  /** No body starts for so many milliseconds, because a server asked for it. */
  readonly hold: (milliseconds: number) => void;
  /** Until the next body arrives, bodies go one by one: the link was lost and nobody knows yet whether it is back. */
  readonly careful: () => void;
  readonly close: () => void;
}

interface Waiting {
  readonly order: number;
  readonly give: (pass: Pass) => void;
}

export const createGate = (ports: Pick<Ports, 'now' | 'after'>, link: Link, saving: () => boolean): Gate => {
  const waiting: Waiting[] = [];
  let bodies = 0;
  let outstanding = 0;
  let arrived = 0;
  let lastArrival = 0;
  /** Bytes that have not left yet, by the rate, at the time beside it. */
  let unsent = 0;
  let unsentAt = 0;
  let heldUntil = 0;
  let isCareful = false;
  let cancelTimer: (() => void) | undefined;

  const settleUnsent = (): number => {
    const now = ports.now();
    unsent = Math.max(0, unsent - (link.rate() ?? 0) * (now - unsentAt));
    unsentAt = now;
    return unsent;
  };
  const most = (): number => {
    if (isCareful || saving()) return 1;
    const belief = link.belief();
    if (belief === 'weak') return link.rate() === null ? MOST_UNKNOWN : MOST - 1;
    return belief === 'unknown' ? MOST_UNKNOWN : MOST;
  };
  /** Milliseconds until the next body may start: 0 for now, Infinity for "when something ends". */
  const wait = (): number => {
    const hold = heldUntil - ports.now();
    if (hold > 0) return hold;
    if (bodies === 0) return 0;
    if (bodies >= most()) return Number.POSITIVE_INFINITY;
    const rate = link.rate();
    // Nothing measured: by count alone.
    if (rate === null) return 0;
    return Math.max(0, Math.ceil(settleUnsent() / rate - LEAD_MS));
  };

  const poll = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    while (waiting.length > 0) {
      const delay = wait();
      if (delay > 0) {
        if (delay < Number.POSITIVE_INFINITY) cancelTimer = ports.after(delay, poll);
        return;
      }
      waiting.shift()?.give(pass());
    }
  };

  /** Delivery rate as BBR measures it: what arrived since this body began, over the time since the arrival before that. */
  const sample = (startedAt: number, arrivedThen: number, sinceArrival: number): void => {
    const spent = ports.now() - sinceArrival;
    // On an idle link the answer's way back is in it; the guess of that way may be too long, so some of the time always counts.
    const milliseconds = sinceArrival === startedAt ? Math.max(spent - (link.rtt() ?? 0), spent / 4) : spent;
    if (milliseconds >= 1) link.rateSample((arrived - arrivedThen) / milliseconds);
  };

  const pass = (): Pass => {
    let size = 0;
    let startedAt = 0;
    let arrivedThen = 0;
    let since = 0;
    let open = true;
    bodies += 1;
    const leave = (): boolean => {
      if (!open) return false;
      open = false;
      bodies -= 1;
      outstanding -= size;
      return true;
    };
    return {
      start: (bytes) => {
        settleUnsent();
        size = bytes;
        startedAt = ports.now();
        arrivedThen = arrived;
        since = outstanding === 0 ? startedAt : lastArrival || startedAt;
        outstanding += bytes;
        unsent += bytes;
        poll();
      },
      delivered: () => {
        if (!leave()) return;
        arrived += size;
        sample(startedAt, arrivedThen, since);
        lastArrival = ports.now();
        link.delivered(size);
        isCareful = false;
        // What is unanswered and not on its way (rate × round trip) has not left yet.
        unsent = Math.max(0, outstanding - (link.rate() ?? 0) * (link.rtt() ?? 0));
        unsentAt = lastArrival;
        poll();
      },
      failed: () => {
        if (!leave()) return;
        unsent = Math.min(settleUnsent(), outstanding);
        poll();
      },
    };
  };

  return {
    enter: (order, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal.reason as Error);
        };
        const entry: Waiting = {
          order,
          give: (given) => {
            signal.removeEventListener('abort', onAbort);
            resolve(given);
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const at = waiting.findIndex((other) => other.order > order);
        waiting.splice(at === -1 ? waiting.length : at, 0, entry);
        poll();
      }),
    hold: (milliseconds) => {
      heldUntil = Math.max(heldUntil, ports.now() + milliseconds);
      poll();
    },
    careful: () => {
      isCareful = true;
    },
    close: () => {
      cancelTimer?.();
      cancelTimer = undefined;
    },
  };
};
