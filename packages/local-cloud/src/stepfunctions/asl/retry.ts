import { isDict, listOf, type Dict } from '../../stack/values.ts';
import { plainNumber } from './dataflow.ts';
import type { StateFailure } from './failure.ts';

/** Defaults of the language. */
const INTERVAL_SECONDS = 1;
const MAX_ATTEMPTS = 3;
const BACKOFF_RATE = 2;

/** Wildcards of the language never stand for these: they would fail again in the same way. */
const BEYOND_WILDCARDS = new Set(['States.DataLimitExceeded', 'States.Runtime']);

function names(name: string, { error }: StateFailure): boolean {
  // A definition that does not fit its data ends the execution, whatever is caught.
  if (error === 'States.Runtime') return false;
  if (name === error || (name === 'States.Timeout' && error === 'States.HeartbeatTimeout')) return true;
  if (BEYOND_WILDCARDS.has(error)) return false;
  return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
}

/** The first rule of Retry or Catch that names the failure, and its place. */
export function ruleFor(
  rules: unknown,
  failure: StateFailure,
): { readonly rule: Dict; readonly index: number } | undefined {
  const list = listOf(rules);
  const index = list.findIndex(
    (rule) => isDict(rule) && listOf(rule.ErrorEquals).some((name) => names(String(name), failure)),
  );
  const rule = list[index];
  return isDict(rule) ? { rule, index } : undefined;
}

/** Counts the attempts of each retrier of one state; a caught failure or a new visit starts anew. */
export class RetryCounter {
  private readonly attempts = new Map<number, number>();
  /** All retries so far: `$$.State.RetryCount`. */
  count = 0;

  /** Seconds to wait before the next attempt, or undefined when there is none. */
  next(rules: unknown, failure: StateFailure): number | undefined {
    const found = ruleFor(rules, failure);
    if (!found) return undefined;
    const { rule, index } = found;
    const used = this.attempts.get(index) ?? 0;
    if (used >= plainNumber(rule.MaxAttempts, MAX_ATTEMPTS)) return undefined;
    this.attempts.set(index, used + 1);
    this.count += 1;
    const interval = plainNumber(rule.IntervalSeconds, INTERVAL_SECONDS);
    const backoff = interval * plainNumber(rule.BackoffRate, BACKOFF_RATE) ** used;
    const delay = Math.min(backoff, plainNumber(rule.MaxDelaySeconds, Number.POSITIVE_INFINITY));
    return rule.JitterStrategy === 'FULL' ? Math.random() * delay : delay;
  }
}
