/** Time that a test moves: timers run in order when their time has come. */
export interface FakeClock {
  readonly now: () => number;
  readonly after: (milliseconds: number, run: () => void) => () => void;
  /** Runs all that falls due within so many milliseconds, and lets promises that depend on it settle in between. */
  readonly pass: (milliseconds: number) => Promise<void>;
}

/** Promises that wait for nothing but one another settle within this many turns. */
const TURNS = 20;
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
};

export const createFakeClock = (): FakeClock => {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let time = 1_000_000;
  const first = (until: number) =>
    [...timers].filter(({ at }) => at <= until).sort((left, right) => left.at - right.at)[0];
  return {
    now: () => time,
    after: (milliseconds, run) => {
      const timer = { at: time + Math.max(0, milliseconds), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: async (milliseconds) => {
      const end = time + milliseconds;
      await settled();
      for (let timer = first(end); timer !== undefined; timer = first(end)) {
        timers.delete(timer);
        time = timer.at;
        timer.run();
        await settled();
      }
      time = end;
    },
  };
};
