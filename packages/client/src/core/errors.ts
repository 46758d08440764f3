/** Why an upload ended without its bytes arriving. `code` is stable: a `ClientErrorCode`, or whatever code the API answered. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly code: string;
  /** HTTP status of the answer behind it; null when no answer came. */
  readonly status: number | null;
  /** What to quote when asking for help; null when the API gave none. */
  readonly requestId: string | null;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { readonly status?: number; readonly requestId?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = options.status ?? null;
    this.requestId = options.requestId ?? null;
  }
}

/** A request that got no answer: the link failed, or nothing moved for too long. Transports throw it; it is always worth a retry. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  /** True when the request was given up because nothing moved, false when the connection failed by itself. */
  readonly stalled: boolean;
  /** True when answers to others came meanwhile: the link is there, and only this connection is dead. */
  readonly alone: boolean;

  constructor(message: string, options: ErrorOptions & { readonly stalled?: boolean; readonly alone?: boolean } = {}) {
    super(message, options);
    this.stalled = options.stalled ?? false;
    this.alone = options.alone ?? false;
  }
}

/** The one form of a sentence about something unexpected. */
export const expected = (what: string, name: string, received: unknown): string =>
  `expected ${what} for ${name} but received ${String(received)}`;

/** Whatever was thrown, as an `Error`. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(expected('an Error', 'a rejection', thrown));
