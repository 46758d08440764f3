import { setTimeout as sleep } from 'node:timers/promises';

/** First longest wait, and the longest of all, in milliseconds: the AWS SDKs' own for throttled calls, and theirs. */
const BASE_MS = 1000;
const CAP_MS = 20_000;

/** Tries until it works, with exponential backoff and full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). */
export const untilDone = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch {
      // Whatever it was, there is nothing to do but to try again; the bench ends a hopeless transfer.
      await sleep(Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** tries));
    }
  }
};
