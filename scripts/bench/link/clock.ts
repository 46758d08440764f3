// Makes a process live faster than the machine: timers and clocks of every kind, for every program alike.
import type { TimerOptions } from 'node:timers';
import { Socket } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

type Delayed = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => NodeJS.Timeout;

/** The same function with its delay divided; what Node hangs on it (`util.promisify.custom`) is replaced by its own kind. */
const faster = (original: Delayed, pace: number): Delayed => {
  const replaced: Delayed = (run, ms = 0, ...args) => original(run, ms / pace, ...args);
  return replaced;
};

const fasterDate = (pace: number, began: number): DateConstructor => {
  const Real = Date;
  const now = (): number => Math.round(began + (Real.now() - began) * pace);
  return new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
};

const speedUpTimers = (pace: number): void => {
  const sleep = timersPromises.setTimeout;
  const sleepFaster = ((ms?: number, ...rest: [value?: undefined, options?: TimerOptions]) =>
    sleep((ms ?? 0) / pace, ...rest)) as typeof sleep;
  const setTimeoutFaster = faster(timers.setTimeout, pace);
  Object.defineProperty(setTimeoutFaster, promisify.custom, { value: sleepFaster });
  const replaced = { setTimeout: setTimeoutFaster, setInterval: faster(timers.setInterval, pace) };
  Object.assign(globalThis, replaced);
  Object.assign(timers, replaced);
  Object.assign(timersPromises, { setTimeout: sleepFaster });
  const wait = timersPromises.scheduler.wait.bind(timersPromises.scheduler);
  timersPromises.scheduler.wait = (ms, options) => wait(ms / pace, options);

  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => timeout(Math.ceil(ms / pace));
  const socketTimeout = Reflect.get<Socket, 'setTimeout'>(Socket.prototype, 'setTimeout');
  Socket.prototype.setTimeout = function (ms, run) {
    return socketTimeout.call(this, Math.ceil(ms / pace), run);
  };
};

const speedUpClocks = (pace: number): void => {
  globalThis.Date = fasterDate(pace, Date.now());
  const now = performance.now.bind(performance);
  performance.now = () => now() * pace;
  const nanoseconds = process.hrtime.bigint.bind(process.hrtime);
  const hrtime = (earlier: readonly [number, number] = [0, 0]): [number, number] => {
    const passed = Number(nanoseconds()) * pace - (earlier[0] * 1e9 + earlier[1]);
    return [Math.floor(passed / 1e9), Math.round(passed % 1e9)];
  };
  process.hrtime = Object.assign(hrtime, { bigint: () => BigInt(Math.round(Number(nanoseconds()) * pace)) });
};

/** From here on this process's seconds pass `pace` times as fast. Call it before anything else is loaded. */
export const speedUp = (pace: number): void => {
  if (pace === 1) return;
  speedUpTimers(pace);
  speedUpClocks(pace);
  syncBuiltinESMExports();
};
