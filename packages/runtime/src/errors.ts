import type { ByteRange } from '@darkroom/types/api';
import {
  type ApiErrorCode,
  apiErrorStatus,
  type ErrorCode,
  type RejectCode,
  rejectCodes,
  VERDICT_STATUS,
} from '@darkroom/types/codes';

export interface DarkroomErrorOptions extends ErrorOptions {
  /** One entry a wrong field. */
  readonly details?: readonly { path: string; message: string }[];
  /** Stretches of the file to send again. */
  readonly resend?: readonly ByteRange[];
  /** When it is not the one of the code. */
  readonly status?: number;
  /** Seconds after which the same call may go through; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

const statusOf = (code: ErrorCode): number =>
  code in apiErrorStatus ? apiErrorStatus[code as ApiErrorCode] : VERDICT_STATUS;

/** The verdict on an image before all of it was sent: the answer is 409 with the reason code and its sentence. */
export const verdictError = (code: RejectCode, options: ErrorOptions = {}): DarkroomError =>
  new DarkroomError(code, rejectCodes[code], { ...options, status: VERDICT_STATUS });

/** Base of every error that an API answers. Anything else is answered as INTERNAL, with its cause only in the log. */
export class DarkroomError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: DarkroomErrorOptions['details'];
  readonly resend: DarkroomErrorOptions['resend'];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: DarkroomErrorOptions = {}) {
    super(message, options);
    this.name = 'DarkroomError';
    this.code = code;
    this.status = options.status ?? statusOf(code);
    this.details = options.details;
    this.resend = options.resend;
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
