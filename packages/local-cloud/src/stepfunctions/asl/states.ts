import { isDict, textOf } from '../../stack/values.ts';
import { choose } from './choice.ts';
import { argumentsOf, effectiveInput, evaluate, finish, numberField, pathData, selected } from './dataflow.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import { runMap, runParallel } from './fan-out.ts';
import type { Frame, Step } from './frame.ts';
import { evaluatePath } from './intrinsics.ts';
import { runTask } from './task.ts';
import { sleep } from './timing.ts';

function nextOf({ state }: Frame): string | undefined {
  return state.End === true ? undefined : textOf(state.Next);
}

/** States that do work which may fail: Task, Parallel, Map. */
async function worked(frame: Frame, work: (frame: Frame) => Promise<unknown>): Promise<Step> {
  const result = selected(frame, await work(frame));
  return { output: await finish(frame, { result }), next: nextOf(frame) };
}

async function pass(frame: Frame): Promise<Step> {
  const { Result: fixed } = frame.state;
  const result = fixed === undefined || frame.language === 'JSONata' ? await argumentsOf(frame) : fixed;
  return { output: await finish(frame, { result, seen: {} }), next: nextOf(frame) };
}

/** Milliseconds from now to the end of the wait. */
async function waitTime(frame: Frame): Promise<number> {
  const seconds = await numberField(frame, 'Seconds');
  if (seconds !== undefined) return seconds * 1_000;
  const { Timestamp: fixed, TimestampPath: path } = frame.state;
  const timestamp =
    typeof path === 'string'
      ? evaluatePath(path, pathData(frame, effectiveInput(frame)), 'TimestampPath')
      : await evaluate(frame, fixed, { field: 'Timestamp' });
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(time)) throw runtimeFailure(`expected a timestamp but received ${JSON.stringify(timestamp)}`);
  return time - frame.scope.run.now();
}

async function unchanged(frame: Frame, next: string | undefined): Promise<Step> {
  const result = effectiveInput(frame);
  return { output: await finish(frame, { result, seen: {}, hasResultPath: false }), next };
}

async function wait(frame: Frame): Promise<Step> {
  await sleep(await waitTime(frame), frame.scope.signal);
  return unchanged(frame, nextOf(frame));
}

async function textField(frame: Frame, field: 'Error' | 'Cause'): Promise<string | undefined> {
  const path = frame.state[`${field}Path`];
  const value =
    typeof path === 'string'
      ? evaluatePath(path, pathData(frame, frame.input), `${field}Path`)
      : await evaluate(frame, frame.state[field], { field });
  if (value === undefined || typeof value === 'string') return value;
  throw runtimeFailure(`expected a string for ${field} but received ${JSON.stringify(value)}`);
}

async function fail(frame: Frame): Promise<Step> {
  const error = await textField(frame, 'Error');
  throw new StateFailure(error ?? '', await textField(frame, 'Cause'));
}

const RUNNERS: Readonly<Record<string, (frame: Frame) => Promise<Step>>> = {
  Task: (frame) => worked(frame, runTask),
  Parallel: (frame) => worked(frame, runParallel),
  Map: (frame) => worked(frame, runMap),
  Choice: choose,
  Pass: pass,
  Wait: wait,
  Succeed: (frame) => unchanged(frame, undefined),
  Fail: fail,
};

/** The types of states there are. */
export const STATE_TYPES: ReadonlySet<string> = new Set(Object.keys(RUNNERS));

/** One attempt at a state. @throws StateFailure */
export function runState(frame: Frame): Promise<Step> {
  const runner = RUNNERS[textOf(frame.state.Type) ?? ''];
  if (!runner || !isDict(frame.state))
    throw runtimeFailure(`expected a type of state but received ${JSON.stringify(frame.state.Type)}`);
  return runner(frame);
}
