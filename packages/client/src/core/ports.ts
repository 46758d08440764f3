import type { HttpTransport, NetworkHints } from '../contract.ts';

/** SHA-256 of bytes that come one after another. */
export interface HashStream {
  readonly update: (bytes: Uint8Array) => void;
  /** Lower-case hex. Ends the stream. */
  readonly hex: () => string;
}

/** What the core asks of the world. Clock, chance and timers come in here, so that a test can be all three. */
export interface Ports {
  readonly transport: HttpTransport;
  readonly network: NetworkHints;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Calls `run` after so many milliseconds; what it returns takes the call back. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
  /** Lower-case hex SHA-256. */
  readonly digest: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
  readonly hashStream: () => HashStream;
}

/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted first. */
export const sleep = (ports: Pick<Ports, 'after'>, milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = ports.after(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
