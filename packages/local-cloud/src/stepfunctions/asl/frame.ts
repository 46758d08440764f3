import type { InvokeFunction } from '../../ports.ts';
import { isDict, type Dict } from '../../stack/values.ts';

/** A flow of states: the machine itself, a branch of Parallel or the processor of Map. */
export interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Dict>>;
}

/** One line of an execution's history: `type` and details as GetExecutionHistory names them. */
export interface HistoryEvent {
  readonly type: string;
  readonly details?: Dict;
}

export interface Run {
  /** `$$.Execution` and `$$.StateMachine`. */
  readonly context: Dict;
  readonly invoke: InvokeFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly emit: (event: HistoryEvent) => void;
  readonly runFlow: (flow: Flow, input: unknown, scope: Scope) => Promise<unknown>;
}

/** What the states of one flow share. */
export interface Scope {
  readonly run: Run;
  /** Fires when the execution, or the Parallel or Map state around this flow, has ended. */
  readonly signal: AbortSignal;
  readonly language: 'JSONPath' | 'JSONata';
  /** Variables of Assign. An inner flow starts from a copy: it may read outer variables, not change them. */
  variables: Dict;
  /** `$$.Map`, inside a Map state. */
  readonly map?: { readonly Item: { readonly Index: number; readonly Value: unknown } };
}

/** One attempt at one state. */
export interface Frame {
  readonly scope: Scope;
  readonly name: string;
  readonly state: Dict;
  readonly input: unknown;
  /** `$$` */
  readonly context: Dict;
  readonly language: 'JSONPath' | 'JSONata';
}

export interface Step {
  readonly output: unknown;
  /** Undefined: the flow ends here. */
  readonly next: string | undefined;
}

export function languageOf(state: Dict, inherited: Scope['language']): Scope['language'] {
  return state.QueryLanguage === 'JSONata' || state.QueryLanguage === 'JSONPath' ? state.QueryLanguage : inherited;
}

/** A checked part of a definition as a flow. */
export function flowOf(value: unknown): Flow {
  const flow = isDict(value) ? value : {};
  return { StartAt: String(flow.StartAt), States: flow.States as Flow['States'] };
}
