import type { Link } from './link.ts';
import type { Ports } from './ports.ts';
import { keepLast } from './recent.ts';

/**
 * Lets bodies onto the link, one file after another. What is under way is lost at a cut, so the next body starts only when
 * the one before has, by the measured rate, just left; answers may be outstanding meanwhile. That fills the pipe with little at risk.
 */

/** Most bodies without an answer: browsers open six connections to a host (HTTP/1.1). */
const MOST = 6;
/** The same until a rate is measured, on a link that is weak or unknown. */
const MOST_UNKNOWN = 3;
/** A body may start this much before the one before has left, in milliseconds: timers and disks are late by about as much. */
const LEAD_MS = 10;

/** Arrivals over which the rate is measured: fewer, and two that came close together look like a fast link. */
const POINTS = 6;
/** One body more only for this much of one on its way: what is measured errs upwards, and each body more is one more to lose. */
const LEAST_SHARE = 0.15;
/** Delays of answers that are remembered; the least of them had no other body before it. */
const DELAYS = 8;

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
  /** When bodies arrived, since something is under way. */
  let points: { at: number; readonly bytes: number }[] = [];
  /** Milliseconds from when the last bodies had left, by the rate, to their answers. */
  const delays: number[] = [];
  /** Bytes that have not left yet, by the rate, at the time beside it. */
  let unsent = 0;
  let unsentAt = 0;
  let heldUntil = 0;
  /** Passes given whose body has not begun: until it does, nobody knows how long the next must wait. */
  let beginning = 0;
  let isCareful = false;
  let cancelTimer: (() => void) | undefined;

  const settleUnsent = (): number => {
    const now = ports.now();
    unsent = Math.max(0, unsent - (link.rate() ?? 0) * (now - unsentAt));
    unsentAt = now;
    return unsent;
  };
  /** Bytes that can be without an answer although they have left: rate × round trip, storage's own time included. */
  const onItsWay = (): number =>
    (link.rate() ?? 0) * Math.max(link.rtt() ?? 0, delays.length === 0 ? 0 : Math.min(...delays));
  /** On a weak link one body leaves while the ones before it are on their way or answered: more would only be lost together. */
  const most = (): number => {
    if (isCareful || saving()) return 1;
    const belief = link.belief();
    if (link.rate() === null) return belief === 'weak' || belief === 'unknown' ? MOST_UNKNOWN : MOST;
    return belief === 'weak' ? Math.min(MOST, 1 + Math.ceil(onItsWay() / link.chunkSize() - LEAST_SHARE)) : MOST;
  };
  /** Milliseconds until the next body may start: 0 for now, Infinity for "when something ends". */
  const wait = (): number => {
    const hold = heldUntil - ports.now();
    if (hold > 0) return hold;
    if (bodies === 0) return 0;
    if (beginning > 0 || bodies >= most()) return Number.POSITIVE_INFINITY;
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

  /**
   * Delivery rate over the last arrivals of a time in which something was always under way. It begins a round trip after its first body
   * did; the guess of that round trip may be too long, so some of the time always counts.
   */
  const arrive = (bytes: number, startedAt: number): void => {
    const now = ports.now();
    const begin = points[0];
    if (points.length === 1 && begin !== undefined)
      begin.at = now - Math.max(now - startedAt - (link.rtt() ?? 0), (now - startedAt) / 4);
    keepLast(points, { at: now, bytes }, POINTS);
    const [first] = points;
    const milliseconds = now - (first?.at ?? now);
    const sum = points.slice(1).reduce((total, point) => total + point.bytes, 0);
    if (milliseconds >= 1) link.rateSample(sum / milliseconds);
    keepLast(delays, now - startedAt - bytes / (link.rate() ?? Number.POSITIVE_INFINITY), DELAYS);
  };

  const pass = (): Pass => {
    let size = 0;
    let startedAt = 0;
    let open = true;
    let begun = false;
    bodies += 1;
    beginning += 1;
    const begin = (): void => {
      if (!begun) beginning -= 1;
      begun = true;
    };
    const leave = (): boolean => {
      if (!open) return false;
      open = false;
      begin();
      bodies -= 1;
      outstanding -= size;
      return true;
    };
    return {
      start: (bytes) => {
        begin();
        settleUnsent();
        size = bytes;
        startedAt = ports.now();
        if (outstanding === 0) points = [{ at: startedAt, bytes: 0 }];
        outstanding += bytes;
        unsent += bytes;
        poll();
      },
      delivered: () => {
        if (!leave()) return;
        arrive(size, startedAt);
        link.delivered(size);
        isCareful = false;
        // What is unanswered and not on its way (rate × round trip) has not left yet: never more than that.
        unsent = Math.min(settleUnsent(), Math.max(0, outstanding - onItsWay()));
        unsentAt = ports.now();
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
