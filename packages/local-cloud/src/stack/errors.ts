export type StackErrorCode =
  | 'STACK_FILE_INVALID'
  | 'STACK_VARIABLE_UNRESOLVED'
  | 'STACK_REFERENCE_UNRESOLVED'
  | 'STACK_PARAMETER_UNRESOLVED'
  | 'STACK_CYCLE';

/** A service's `serverless.yml` cannot be understood; the message names the service and what was expected. */
export class StackError extends Error {
  readonly code: StackErrorCode;

  constructor(code: StackErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StackError';
    this.code = code;
  }
}
