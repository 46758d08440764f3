import type { MessageRow } from './message-store.ts';

export interface WaitOptions {
  /** Takes messages at this moment, synchronously, so that nothing is taken for a poll that has gone. */
  readonly take: () => MessageRow[];
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

interface Waiter {
  /** Takes what is there; true when it got something and is done. */
  readonly tryTake: () => boolean;
  readonly leave: () => void;
}

/** Longest timer; a message hidden for longer is looked at again then. */
const MAX_TIMER_MS = 60_000;

/** Long polls of one queue: first come, first served; woken by a send, or when a hidden message becomes visible. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  readonly #nextVisibleIn: () => number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param nextVisibleIn milliseconds until the next hidden message becomes visible; undefined when none will by itself */
  constructor(nextVisibleIn: () => number | undefined) {
    this.#nextVisibleIn = nextVisibleIn;
  }

  /** Call whenever messages may have become visible or hidden. */
  wake(): void {
    for (const waiter of this.#waiting) if (!waiter.tryTake()) break;
    this.#arm();
  }

  /** Resolves with the messages, or with none when the time is over or the client has gone. Never rejects. */
  wait(options: WaitOptions): Promise<MessageRow[]> {
    return new Promise((resolve) => {
      const end = (rows: MessageRow[]): void => {
        clearTimeout(deadline);
        options.signal.removeEventListener('abort', leave);
        this.#waiting.delete(waiter);
        resolve(rows);
      };
      const leave = (): void => {
        end([]);
      };
      const tryTake = (): boolean => {
        const rows = options.take();
        if (rows.length > 0) end(rows);
        return rows.length > 0;
      };
      const waiter: Waiter = { tryTake, leave };
      const deadline = setTimeout(leave, options.waitMs);
      options.signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(waiter);
      this.#arm();
    });
  }

  /** Ends all polls with no messages, because the queue or the service is going away. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const waiter of this.#waiting) waiter.leave();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const delay = this.#nextVisibleIn();
    if (delay === undefined) return;
    // At least one millisecond, so that a clock that stands still (in tests) is not asked in a tight loop.
    this.#timer = setTimeout(
      () => {
        this.wake();
      },
      Math.min(MAX_TIMER_MS, Math.max(1, delay)),
    );
  }
}
