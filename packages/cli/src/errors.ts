/** What can go wrong before or beside the work itself. Stable; programs read `code` from `--json` output. */
export type CliErrorCode =
  | 'API_UNREACHABLE'
  | 'API_ERROR'
  | 'DATA_DIR_IN_USE'
  | 'DATA_DIR_UNWRITABLE'
  | 'INTERNAL'
  | 'INVALID_OPTION'
  | 'NO_IMAGES'
  | 'NOT_RUNNING'
  | 'PATH_NOT_FOUND'
  | 'PORT_IN_USE'
  | 'START_FAILED';

/** An error that the user can act on: one sentence, a stable code, exit status 1 (2 for wrong usage). */
export class CliError extends Error {
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
  }

  get exitCode(): number {
    return this.code === 'INVALID_OPTION' ? 2 : 1;
  }
}

const KNOWN: ReadonlySet<string> = new Set<CliErrorCode>(['DATA_DIR_IN_USE', 'DATA_DIR_UNWRITABLE', 'PORT_IN_USE']);

/** Turns anything thrown into a CliError; typed errors of the stand-in keep their code. */
export const asCliError = (error: unknown): CliError => {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error)) return new CliError('INTERNAL', String(error));
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && KNOWN.has(code))
    return new CliError(code as CliErrorCode, error.message, { cause: error });
  return new CliError('INTERNAL', error.message, { cause: error });
};

/** The answer to a data folder that cannot be made or written. */
export const unwritable = (dataDir: string, cause: unknown): CliError =>
  new CliError('DATA_DIR_UNWRITABLE', `expected a folder that can be written for --data but received ${dataDir}`, {
    cause,
  });
