/** A state or an execution failed, in the words of the Amazon States Language: an error name and why. */
export class StateFailure extends Error {
  readonly error: string;
  /** The `Cause` of the language; for failed functions a JSON text. */
  readonly reason: string | undefined;

  constructor(error: string, reason?: string) {
    super(reason === undefined ? error : `${error}: ${reason}`);
    this.name = 'StateFailure';
    this.error = error;
    this.reason = reason;
  }
}

/** Nothing a definition can name in Catch or Retry by States.ALL: the definition or its data do not fit. */
export const runtimeFailure = (reason: string): StateFailure => new StateFailure('States.Runtime', reason);

/** Why the signal of an execution fired. */
export class ExecutionEnded extends Error {
  readonly status: 'TIMED_OUT' | 'ABORTED' | 'INTERRUPTED';
  readonly error: string | undefined;
  readonly reason: string | undefined;

  constructor(status: ExecutionEnded['status'], error?: string, reason?: string) {
    super(`execution ended: ${status}`);
    this.name = 'ExecutionEnded';
    this.status = status;
    this.error = error;
    this.reason = reason;
  }
}

/** Any thrown value as a failure of the language; what is none of ours is a defect and says so. */
export function asFailure(thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  return runtimeFailure(thrown instanceof Error ? thrown.message : String(thrown));
}

/** Most bytes of UTF-8 that a state may take or give (Step Functions quotas: 256 KiB). */
export const MAX_STATE_BYTES = 262_144;

/** @throws StateFailure States.DataLimitExceeded */
export function checkSize(value: unknown, what: string): void {
  const text = JSON.stringify(value) as string | undefined;
  // A text of n UTF-16 units has at most 3n bytes, so most values need no second look.
  if (text === undefined || text.length * 3 <= MAX_STATE_BYTES || Buffer.byteLength(text) <= MAX_STATE_BYTES) return;
  throw new StateFailure(
    'States.DataLimitExceeded',
    `The ${what} returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
