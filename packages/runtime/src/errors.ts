import { type ApiErrorCode, apiErrorStatus } from '@darkroom/types/codes';

export interface DarkroomErrorOptions extends ErrorOptions {
  /** One entry a wrong field. */
  readonly details?: readonly { path: string; message: string }[];
  /** Seconds after which the same call may go through; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** Base of every error that an API answers. Anything else is answered as INTERNAL, with its cause only in the log. */
export class DarkroomError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly details: DarkroomErrorOptions['details'];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: DarkroomErrorOptions = {}) {
    super(message, options);
    this.name = 'DarkroomError';
    this.code = code;
    this.status = apiErrorStatus[code];
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Thrown at cold start when the environment is not what the function needs: the deployment is wrong, not the request. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Thrown by a workflow task when trying again may help (throttling, a lost connection). The state machine retries it by this name. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** Thrown when a function is invoked with an event that does not fit its contract: a bug in the caller, never worth a retry. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';
}

/** The one error sentence: "expected X for NAME but received Y". Long values are cut, so that a log line stays a line. */
export const expected = (what: string, name: string, received: unknown): string => {
  const shown =
    received === undefined ? 'nothing' : typeof received === 'string' ? `"${received}"` : JSON.stringify(received);
  return `expected ${what} for ${name} but received ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}`;
};
