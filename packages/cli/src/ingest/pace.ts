/** How fast something goes, and how long it will take. */
export interface Pace {
  /** `amount` more is done at `now` (milliseconds). */
  readonly add: (amount: number, now: number) => void;
  /** A second, over the window; null before there is anything to go by. */
  readonly perSecond: (now: number) => number | null;
}

/** Milliseconds that the rate looks back: less jumps with every file, more is late to see a change. */
const WINDOW_MS = 10_000;
/** Milliseconds before a first rate is told: one early file is not a rate. */
const FIRST_MS = 1_000;

export const createPace = (start: number): Pace => {
  const samples: { readonly at: number; readonly amount: number }[] = [];
  const drop = (now: number): void => {
    while (samples[0] !== undefined && samples[0].at < now - WINDOW_MS) samples.shift();
  };
  return {
    add: (amount, now) => {
      samples.push({ at: now, amount });
      drop(now);
    },
    perSecond: (now) => {
      drop(now);
      const span = Math.min(now - start, WINDOW_MS);
      const sum = samples.reduce((total, { amount }) => total + amount, 0);
      return span < FIRST_MS || sum <= 0 ? null : (sum * 1000) / span;
    },
  };
};
