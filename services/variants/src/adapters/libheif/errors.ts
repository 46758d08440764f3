import type { RejectCode } from '@darkroom/types/codes';
import { ImageRejected } from '@darkroom/types/rejection';
import { LibheifError } from './memory.ts';

/** heif_error_code (heif_error.h) → what it means for the image; the others are our own misuse of the library. */
const CODES: Readonly<Record<number, RejectCode>> = {
  2: 'TRUNCATED_OR_CORRUPT',
  3: 'UNSUPPORTED_FORMAT',
  4: 'UNSUPPORTED_FEATURE',
  6: 'SECURITY_LIMIT',
  7: 'TRUNCATED_OR_CORRUPT',
  // No decoder for this coding.
  11: 'UNSUPPORTED_FEATURE',
};

/** WebAssembly ends a program that leaves its memory or finds none; Emscripten calls that "Aborted", and its exceptions by a class of its own. */
const isTrap = (error: unknown): boolean =>
  error instanceof WebAssembly.RuntimeError ||
  (error instanceof Error && ['CppException', 'ExitStatus'].includes(error.name));

/** The reason that a failure of the decoder stands for, or the error itself when it is not the image's fault. */
export const rejectionOf = (error: unknown): unknown => {
  const code = error instanceof LibheifError ? CODES[error.code] : isTrap(error) ? 'TRUNCATED_OR_CORRUPT' : undefined;
  return code === undefined ? error : new ImageRejected(code, undefined, { cause: error });
};
