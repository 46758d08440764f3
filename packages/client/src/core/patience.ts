import { UploadError } from './errors.ts';
import type { Ports } from './ports.ts';
import { type Failure, waitFor } from './retry.ts';

/** Waits between tries of one upload, and gives up only when nothing has moved for as long as its owner allows. */
export interface Patience {
  /** Bytes arrived, or a call brought the upload on: to be told how it stands or to sign again does not. */
  readonly progressed: () => void;
  /** Throws UNREACHABLE or STALLED when patience has ended. */
  readonly check: (trouble: Pick<Trouble, 'failure' | 'cause'>) => void;
  /** Waits before the next try. Rejects with the signal's reason, or with UNREACHABLE or STALLED when patience has ended. */
  readonly wait: (trouble: Trouble, signal: AbortSignal) => Promise<void>;
}

export interface Trouble {
  readonly failure: Failure;
  /** Failures in a row, this one included. */
  readonly failures: number;
  /** Milliseconds that the server asked for; null when it did not. */
  readonly retryAfter: number | null;
  /** Milliseconds that the failed try itself has waited already: they count. */
  readonly spent?: number;
  readonly cause: Error;
}

/** Offline, the link is tried this often all the same, in milliseconds: the browser's word is not always right. */
const OFFLINE_TRY_MS = 30_000;

/** `limitMs`: how long an upload may stand still; null for ever. `onOffline` tells when a wait is for the network to come back. */
export const createPatience = (
  ports: Ports,
  limitMs: number | null,
  onOffline: (offline: boolean) => void,
): Patience => {
  let movedAt = ports.now();

  const check: Patience['check'] = (trouble) => {
    const still = ports.now() - movedAt;
    if (limitMs === null || still < limitMs) return;
    const code = trouble.failure === 'silent' ? 'UNREACHABLE' : 'STALLED';
    throw new UploadError(code, `expected progress within ${limitMs / 1000} s but nothing has moved`, {
      cause: trouble.cause,
    });
  };

  /** Ends after the delay, or at once when the network says that it is back. */
  const pause = (delay: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        unsubscribe();
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = (): void => end(() => reject(signal.reason as Error));
      const cancel = ports.after(delay, () => end(resolve));
      const unsubscribe = ports.network.subscribe(() => {
        if (ports.network.online()) end(resolve);
      });
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });

  return {
    progressed: () => {
      movedAt = ports.now();
    },
    check,
    wait: async (trouble, signal) => {
      check(trouble);
      if (!ports.network.online()) {
        onOffline(true);
        // Time offline is nobody's fault: patience begins anew.
        await pause(OFFLINE_TRY_MS, signal).finally(() => onOffline(!ports.network.online()));
        movedAt = ports.now();
        return;
      }
      const rest = waitFor(trouble.retryAfter, trouble, ports.random) - (trouble.spent ?? 0);
      if (rest > 0) await pause(rest, signal);
      else signal.throwIfAborted();
    },
  };
};
