/** Exit status of a command that the user stopped: 128 + SIGINT, as shells have it. */
export const INTERRUPTED_EXIT = 130;

export interface StopSwitch {
  readonly signal: AbortSignal;
  /** Ends the listening; the signals do what they did before. */
  readonly release: () => void;
}

export interface StopHooks {
  /** Told once, when the first signal comes. */
  readonly onFirst: () => void;
  /** The second: nothing more is waited for. */
  readonly onSecond: () => void;
}

/** First Ctrl-C (or SIGTERM): stop in order. Second: stop now. `gone` stops in order too: nobody is left to send to. */
export const createStopSwitch = (
  hooks: StopHooks,
  gone: Promise<void>,
  emitter: NodeJS.EventEmitter = process,
): StopSwitch => {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) {
      hooks.onSecond();
      return;
    }
    hooks.onFirst();
    controller.abort(new Error('stopped'));
  };
  const ended = (): void => controller.abort(new Error('the system ended'));
  void gone.then(ended);
  const events = ['SIGINT', 'SIGTERM'] as const;
  for (const event of events) emitter.on(event, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const event of events) emitter.off(event, stop);
    },
  };
};
