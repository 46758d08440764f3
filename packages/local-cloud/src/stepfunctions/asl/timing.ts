import { setTimeout as delay } from 'node:timers/promises';

/** Longest wait of a Node timer, in milliseconds; longer waits are made of several. */
const MAX_TIMER_MS = 2_147_483_647;

/** Waits; rejects with the signal's reason as soon as it fires. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0; left -= MAX_TIMER_MS) {
    signal.throwIfAborted();
    try {
      await delay(Math.min(left, MAX_TIMER_MS), undefined, { signal });
    } catch (error) {
      // The timer's own AbortError says nothing; the reason does.
      signal.throwIfAborted();
      throw error;
    }
  }
}

/** The work's result, or a rejection with the signal's reason, whichever is first. The work itself goes on unheard. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const settled = (): void => {
      signal.removeEventListener('abort', stop);
    };
    work.then(resolve, reject).then(settled, settled);
  });
}

/** The work's result, or the given error after so many seconds. */
export async function within<T>(seconds: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.min(seconds * 1_000, MAX_TIMER_MS));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
