export type CloudErrorCode = 'DATA_DIR_IN_USE' | 'DATA_DIR_UNWRITABLE' | 'PORT_IN_USE';

/** The embedded system cannot start here; the message is one sentence that says what to change. */
export class CloudError extends Error {
  readonly code: CloudErrorCode;

  constructor(code: CloudErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CloudError';
    this.code = code;
  }
}

/** True for a system error with this code, such as EADDRINUSE. By its shape: core errors may come from another realm. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
