import type { InvokeFunction } from '../../ports.ts';
import { dictOf, numberOf, textOf, type Dict } from '../../stack/values.ts';
import { finish } from './dataflow.ts';
import { asFailure, ExecutionEnded, runtimeFailure, type StateFailure } from './failure.ts';
import {
  flowOf,
  languageOf,
  type Flow,
  type Frame,
  type HistoryEvent,
  type Run,
  type Scope,
  type Step,
} from './frame.ts';
import { RetryCounter, ruleFor } from './retry.ts';
import { runState } from './states.ts';
import { sleep, untilAborted } from './timing.ts';

function contextOf(scope: Scope, state: Dict): Dict {
  return { ...scope.run.context, State: state, ...(scope.map ? { Map: scope.map } : {}) };
}

/** The step of the catcher that names the failure. @throws the failure where none does */
async function caught(frame: Frame, failure: StateFailure): Promise<Step> {
  const found = ruleFor(frame.state.Catch, failure);
  if (!found) throw failure;
  const errorOutput = { Error: failure.error, ...(failure.reason === undefined ? {} : { Cause: failure.reason }) };
  const output = await finish(frame, { result: errorOutput, rule: found.rule, seen: { errorOutput } });
  return { output, next: String(found.rule.Next) };
}

interface Visit {
  readonly name: string;
  readonly state: Dict;
  readonly input: unknown;
}

/** One visit to a state: its attempts, and its catchers when they are used up. */
async function visit({ name, state, input }: Visit, scope: Scope): Promise<Step> {
  const entered = new Date(scope.run.now()).toISOString();
  const counter = new RetryCounter();
  const language = languageOf(state, scope.language);
  for (;;) {
    const context = contextOf(scope, { Name: name, EnteredTime: entered, RetryCount: counter.count });
    const frame: Frame = { scope, name, state, input, context, language };
    try {
      return await runState(frame);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      const failure = asFailure(thrown);
      const details = { error: failure.error, cause: failure.reason };
      scope.run.emit({ type: state.Type === 'Task' ? 'TaskFailed' : `${String(state.Type)}StateFailed`, details });
      const seconds = counter.next(state.Retry, failure);
      if (seconds === undefined) return await caught(frame, failure);
      await sleep(seconds * 1_000, scope.signal);
    }
  }
}

async function runFlow(flow: Flow, input: unknown, outer: Scope): Promise<unknown> {
  const scope: Scope = { ...outer };
  let name = flow.StartAt;
  let data = input;
  for (;;) {
    scope.signal.throwIfAborted();
    const state = flow.States[name];
    if (!state) throw runtimeFailure(`The state '${name}' does not exist.`);
    const type = String(state.Type);
    scope.run.emit({ type: `${type}StateEntered`, details: { name, input: data } });
    const { output, next } = await visit({ name, state, input: data }, scope);
    scope.run.emit({ type: `${type}StateExited`, details: { name, output } });
    if (next === undefined) return output;
    [name, data] = [next, output];
  }
}

/** How an execution ended. */
export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'INTERRUPTED';
      readonly error?: string;
      readonly cause?: string;
    };

export interface ExecutionRequest {
  /** A definition that `definitionProblems` found nothing wrong with. */
  readonly definition: Dict;
  readonly input: unknown;
  /** `$$.Execution` and `$$.StateMachine`. */
  readonly context: Dict;
  readonly invoke: InvokeFunction;
  readonly now: () => number;
  readonly emit: (event: HistoryEvent) => void;
  /** Ends the execution from outside: StopExecution, or the system shutting down. */
  readonly stop: AbortSignal;
  /** Express workflows end after five minutes. */
  readonly maxSeconds?: number;
}

function ended(status: ExecutionEnded['status'], error?: string, reason?: string): Outcome {
  return { status, ...(error ? { error } : {}), ...(reason === undefined ? {} : { cause: reason }) };
}

function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof ExecutionEnded) return ended(thrown.status, thrown.error, thrown.reason);
  const { error, reason } = asFailure(thrown);
  return { status: 'FAILED', ...(error === '' ? {} : { error }), ...(reason === undefined ? {} : { cause: reason }) };
}

/** A signal that fires when the machine's own time is over or the caller stops it, and the means to let go of both. */
function deadline(request: ExecutionRequest): { signal: AbortSignal; dispose: () => void } {
  const seconds = Math.min(
    numberOf(request.definition.TimeoutSeconds) ?? Number.POSITIVE_INFINITY,
    request.maxSeconds ?? Number.POSITIVE_INFINITY,
  );
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort(request.stop.reason);
  };
  if (request.stop.aborted) stop();
  request.stop.addEventListener('abort', stop, { once: true });
  sleep(seconds * 1_000, controller.signal).then(
    () => controller.abort(new ExecutionEnded('TIMED_OUT', 'States.Timeout')),
    () => undefined, // the execution ended first
  );
  return {
    signal: controller.signal,
    dispose: () => {
      request.stop.removeEventListener('abort', stop);
      controller.abort();
    },
  };
}

/** Runs a state machine to its end. Never rejects: whatever goes wrong is the outcome. */
export async function execute(request: ExecutionRequest): Promise<Outcome> {
  const { definition, context, invoke, now, emit } = request;
  const { signal, dispose } = deadline(request);
  const run: Run = { context, invoke, now, emit, runFlow };
  const language = textOf(dictOf(definition).QueryLanguage) === 'JSONata' ? 'JSONata' : 'JSONPath';
  try {
    const output = await untilAborted(
      runFlow(flowOf(definition), request.input, { run, signal, language, variables: {} }),
      signal,
    );
    return { status: 'SUCCEEDED', output };
  } catch (thrown) {
    return outcomeOf(thrown);
  } finally {
    dispose();
  }
}
