import type { RejectCode } from '@darkroom/types/codes';

/** An error with a stable code, as the upload client throws it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Verdicts on the image itself. True: the same file will be refused again; false: sending it again may help. */
const VERDICTS = {
  EMPTY_FILE: true,
  UNSUPPORTED_FORMAT: true,
  HEIC_UNSUPPORTED: true,
  CORRUPT_HEADER: true,
  TRUNCATED_OR_CORRUPT: true,
  TOO_LARGE: true,
  TOO_MANY_BYTES: true,
  TOO_MANY_FRAMES: true,
  TOO_MANY_CHANNELS: true,
  TOO_COMPLEX: true,
  BAD_ASPECT: true,
  UNSUPPORTED_FEATURE: true,
  SECURITY_LIMIT: true,
  NOT_ALLOWED: true,
  CHECKSUM_MISMATCH: false,
} as const satisfies Record<RejectCode, boolean>;

/** Whether the file itself was refused, so that sending it again is of no use. */
export const isRefusal = (code: string): boolean => (VERDICTS as Readonly<Record<string, boolean>>)[code] === true;

/** Nothing more can be read of the file: it must be chosen again, and the upload then goes on. */
const NEEDS_FILE: readonly string[] = ['SOURCE_CHANGED', 'FILE_NEEDED', 'NotReadableError', 'NotFoundError'];

/** Whether sending the same thing again may help. */
export const isWorthRetrying = (code: string): boolean => !isRefusal(code) && !NEEDS_FILE.includes(code);

/** What a viewer can do, where the error's own sentence is for programmers. */
const SENTENCES: Readonly<Record<string, string>> = {
  EMPTY_FILE: 'the file has no bytes',
  TOO_MANY_BYTES: 'the file is larger than the limit of 100 MB',
  UNREACHABLE: 'the server could not be reached',
  STALLED: 'no bytes got through for too long',
  BAD_ANSWER: 'the server gave an answer that makes no sense',
  SOURCE_CHANGED: 'the file has changed or gone since it was chosen; choose it again',
  NotReadableError: 'the file cannot be read any more; choose it again',
  NotFoundError: 'the file is gone; choose it again',
  FILE_NEEDED: 'the file was not kept; choose it again and it goes on where it stopped',
  CHECKSUM_MISMATCH: 'what arrived is not what was sent',
  TOKEN_MISSING: 'your access has ended; reload the page',
  TOKEN_INVALID: 'your access has ended; reload the page',
  TOKEN_EXPIRED: 'your access has ended; reload the page',
  FORBIDDEN: 'your access does not allow uploads',
  UPLOAD_GONE: 'the upload has ended on the server; send it again',
  INTERNAL: 'something went wrong on the server',
  UNAVAILABLE: 'the server is busy',
  TOO_MANY_REQUESTS: 'the server is busy',
};

/** Any thrown thing as a code (a browser's own errors by their names) and a sentence without its full stop. */
export const failureOf = (error: unknown): Failure => {
  const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
  const known = [code, name].find((word) => typeof word === 'string') ?? 'UNKNOWN';
  const said = typeof message === 'string' ? message.replace(/\.$/, '') : 'for an unknown reason';
  return { code: known, message: SENTENCES[known] ?? said };
};
