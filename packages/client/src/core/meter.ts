import type { UploadProgress, UploadState } from '../contract.ts';
import type { Ports } from './ports.ts';

/** The progress of one upload, and those who watch it. */
export interface Meter {
  readonly progress: () => UploadProgress;
  readonly subscribe: (listener: (progress: UploadProgress) => void) => () => void;
  readonly state: (state: UploadState) => void;
  readonly transport: (transport: UploadProgress['transport']) => void;
  /** Bytes storage holds, and bytes of bodies under way. */
  readonly bytes: (confirmed: number, flying: number) => void;
  /** Body bytes that went onto the wire. */
  readonly wire: (bytes: number) => void;
  readonly retried: () => void;
  readonly close: () => void;
}

/** Listeners hear at most so often, in milliseconds: ten times a second looks smooth. */
const TELL_MS = 100;
/** Time that the rate is averaged over, in milliseconds: a few chunks on a weak link. */
const WINDOW_MS = 5_000;
/** No rate is told before so much time is measured, in milliseconds, … */
const LEAST_MEASURED_MS = 800;
/** … and no time left after so long without a byte. */
const STILL_MS = 3_000;

interface Point {
  readonly at: number;
  readonly bytes: number;
}

export const createMeter = (ports: Pick<Ports, 'now' | 'after'>, totalBytes: number): Meter => {
  const listeners = new Set<(progress: UploadProgress) => void>();
  let points: Point[] = [];
  let state: UploadState = 'waiting';
  let transport: UploadProgress['transport'] = null;
  let confirmed = 0;
  let sent = 0;
  let wire = 0;
  let retries = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;

  /** Bytes a second over the window; null before enough is measured. */
  const rate = (): number | null => {
    const first = points[0];
    const last = points.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MEASURED_MS) return null;
    const bytes = last.bytes - first.bytes;
    return bytes > 0 ? (bytes * 1000) / (last.at - first.at) : null;
  };
  const secondsLeft = (perSecond: number | null): number | null => {
    const last = points.at(-1);
    if (perSecond === null || last === undefined || state !== 'uploading') return null;
    return ports.now() - last.at > STILL_MS ? null : (totalBytes - sent) / perSecond;
  };
  const progress = (): UploadProgress => {
    const bytesPerSecond = rate();
    return {
      state,
      sentBytes: sent,
      confirmedBytes: confirmed,
      totalBytes,
      bytesPerSecond,
      secondsLeft: secondsLeft(bytesPerSecond),
      transport,
      wireBytes: wire,
      retries,
    };
  };
  const tell = (): void => {
    cancel?.();
    cancel = undefined;
    toldAt = ports.now();
    const now = progress();
    for (const listener of [...listeners]) listener(now);
  };
  /** Tells now, or when the last telling is long enough ago. */
  const changed = (): void => {
    if (listeners.size === 0 || cancel !== undefined) return;
    const wait = toldAt + TELL_MS - ports.now();
    if (wait <= 0) tell();
    else cancel = ports.after(wait, tell);
  };
  const note = (): void => {
    const now = ports.now();
    points = [...points.filter((point) => now - point.at <= WINDOW_MS), { at: now, bytes: sent }];
  };

  return {
    progress,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: (next) => {
      if (next === state) return;
      state = next;
      // What was measured before a pause says nothing of the time after it.
      if (next !== 'uploading') points = [];
      tell();
    },
    transport: (next) => {
      transport = next;
      changed();
    },
    bytes: (nowConfirmed, flying) => {
      const before = sent;
      confirmed = nowConfirmed;
      sent = Math.min(totalBytes, confirmed + flying);
      // Lost bytes are no negative speed: the window begins anew below them.
      if (sent < before) points = [];
      if (sent !== before) note();
      changed();
    },
    wire: (bytes) => {
      wire += bytes;
    },
    retried: () => {
      retries += 1;
      changed();
    },
    close: () => {
      cancel?.();
      cancel = undefined;
    },
  };
};
