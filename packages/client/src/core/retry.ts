import type { Ports } from './ports.ts';

/**
 * When to try again. Exponential backoff with full jitter: the wait is uniform between nothing and a limit that doubles (AWS
 * Architecture Blog, "Exponential Backoff And Jitter"), so that clients which failed together do not come back together.
 */

/** Limit of the first wait, in milliseconds: a mobile link that lost its connection is usually back within half a second. */
const BASE_MS = 500;
/** Most between tries while no answer comes at all: a try that reaches nobody costs nobody, and the link may be back any moment. */
const SILENT_CAP_MS = 2_000;
/** Most between tries while a server answers that it cannot: it needs the rest. */
const ANSWERED_CAP_MS = 20_000;
/** A server that asks for more patience than this is asked again all the same. */
const RETRY_AFTER_CAP_MS = 120_000;

export type Failure =
  /** No answer. */
  | 'silent'
  /** 408, 425, 429 or 5xx. */
  | 'answered';

/**
 * Milliseconds to wait before the next try after `failures` failures in a row (at least 1). The first try after a lost
 * connection goes at once: most losses are of the connection and not of the link.
 */
export const backoff = (failure: Failure, failures: number, random: () => number): number => {
  if (failure === 'silent' && failures <= 1) return 0;
  const doublings = Math.max(0, failures - 2);
  const cap = failure === 'silent' ? SILENT_CAP_MS : ANSWERED_CAP_MS;
  return random() * Math.min(cap, BASE_MS * 2 ** Math.min(doublings, 16));
};

/** Milliseconds that a `Retry-After` asks for: seconds or a date (RFC 9110, §10.2.3). Null when there is none, or none that can be read. */
export const retryAfter = (value: string | null, now: number): number | null => {
  if (value === null) return null;
  const milliseconds = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.min(Math.max(milliseconds, 0), RETRY_AFTER_CAP_MS) : null;
};

/**
 * Milliseconds to wait when a server asked for `asked` of them (null: it did not). It may ask for more than the backoff, never for less: a
 * clock that runs ahead makes every date one in the past.
 */
export const waitFor = (
  asked: number | null,
  { failure, failures }: { readonly failure: Failure; readonly failures: number },
  random: () => number,
): number => Math.max(asked ?? 0, backoff(failure, failures, random));

/** Milliseconds to leave a busy server alone after `failures` such answers in a row, the last with this `Retry-After`. */
export const restAfter = (header: string | null, failures: number, ports: Pick<Ports, 'now' | 'random'>): number =>
  waitFor(retryAfter(header, ports.now()), { failure: 'answered', failures }, ports.random);

/** Statuses after which the same request may succeed: 408 and 425 by their meaning, 429 by waiting, 5xx by luck. */
export const isTransient = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || status >= 500;
