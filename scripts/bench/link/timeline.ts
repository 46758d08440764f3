/** Simulated time: milliseconds since the begin, and what is to happen when. */
export interface Timeline {
  /** Time of the event that is running; between events, the time that has passed. */
  readonly now: () => number;
  /** Runs at that time, in order of the times and, at one time, of the calls. Answers what calls it off. */
  readonly at: (time: number, run: () => void) => () => void;
  /** Nothing more happens. */
  readonly stop: () => void;
}

interface Planned {
  readonly time: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const isBefore = (a: Planned, b: Planned): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** A binary heap: a busy link plans thousands of packets a second. */
const createHeap = () => {
  const items: Planned[] = [];
  const swapUp = (start: number): void => {
    for (let child = start; child > 0; ) {
      const parent = (child - 1) >> 1;
      const [low, high] = [items[child], items[parent]];
      if (low === undefined || high === undefined || !isBefore(low, high)) return;
      items[child] = high;
      items[parent] = low;
      child = parent;
    }
  };
  const smallerChild = (parent: number): number => {
    const left = 2 * parent + 1;
    const [a, b] = [items[left], items[left + 1]];
    return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
  };
  const swapDown = (): void => {
    for (let parent = 0; ; ) {
      const child = smallerChild(parent);
      const [low, high] = [items[child], items[parent]];
      if (low === undefined || high === undefined || !isBefore(low, high)) return;
      items[parent] = low;
      items[child] = high;
      parent = child;
    }
  };
  return {
    peek: (): Planned | undefined => items[0],
    push: (item: Planned): void => {
      items.push(item);
      swapUp(items.length - 1);
    },
    pop: (): void => {
      const last = items.pop();
      if (items.length === 0 || last === undefined) return;
      items[0] = last;
      swapDown();
    },
  };
};

/** A timeline that somebody else moves: `runUntil` does everything due up to a time. */
export const createManualTimeline = (): Timeline & {
  readonly runUntil: (time: number) => void;
  /** When the next event is due; undefined when there is none. */
  readonly next: () => number | undefined;
} => {
  const heap = createHeap();
  let time = 0;
  let orders = 0;
  let isStopped = false;
  const next = (): number | undefined => {
    for (let first = heap.peek(); first !== undefined; first = heap.peek()) {
      if (first.run !== undefined) return first.time;
      heap.pop();
    }
    return undefined;
  };
  return {
    now: () => time,
    at: (wanted, run) => {
      const item: Planned = { time: Math.max(wanted, time), order: orders++, run };
      heap.push(item);
      return () => {
        item.run = undefined;
      };
    },
    next,
    runUntil: (end) => {
      for (let due = next(); due !== undefined && due <= end && !isStopped; due = next()) {
        const run = heap.peek()?.run;
        heap.pop();
        time = due;
        run?.();
      }
      if (!isStopped) time = Math.max(time, end);
    },
    stop: () => {
      isStopped = true;
    },
  };
};

/**
 * Simulated time on the machine's clock, `pace` times as fast. Late timers do not add up: events run at their own times, one after the other, until
 * the clock is reached.
 */
export const createTimeline = (pace: number): Timeline => {
  const manual = createManualTimeline();
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let timerFor = Infinity;
  let isStopped = false;
  let isRunning = false;
  const clock = (): number => (performance.now() - began) * pace;
  const arm = (): void => {
    const due = manual.next();
    if (isStopped || isRunning || due === undefined || due >= timerFor) return;
    clearTimeout(timer);
    timerFor = due;
    timer = setTimeout(wake, Math.max(0, (due - clock()) / pace));
  };
  const wake = (): void => {
    timerFor = Infinity;
    isRunning = true;
    manual.runUntil(clock());
    isRunning = false;
    arm();
  };
  return {
    now: () => (isRunning ? manual.now() : clock()),
    at: (time, run) => {
      const cancel = manual.at(time, run);
      arm();
      return cancel;
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      manual.stop();
    },
  };
};
