import { DarkroomError, type DarkroomErrorOptions, expected } from '@darkroom/runtime/errors';
import type { ErrorCode } from '@darkroom/types/codes';

/** Not 409, which tus clients repeat: nothing that is sent again can mend such an upload. */
export const HOPELESS_STATUS = 422;

/** A problem of RFC 9457, beside the members that every error answer has here. */
export interface Problem extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly title: string;
}

export interface ProtocolErrorOptions extends DarkroomErrorOptions {
  /** What the protocol wants beside the status. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly problem?: Problem;
}

/** An error whose answer carries headers, or the members of a problem, that an upload protocol wants there. */
export class ProtocolError extends DarkroomError {
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem | undefined;

  constructor(code: ErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    super(code, message, options);
    this.headers = options.headers ?? {};
    this.problem = options.problem;
  }
}

/** UPLOAD_GONE: it was given up, refused or ran out of time. */
export const uploadGone = (): DarkroomError =>
  new DarkroomError('UPLOAD_GONE', 'the upload was given up, refused or ran out of time; start a new one');

/** NOT_FOUND, in the same words for an id that was never given and for one that is somebody else's. */
export const unknownUpload = (): DarkroomError =>
  new DarkroomError('NOT_FOUND', 'expected the id of an upload of this token in the path but received another');

/** CONFLICT: another request has stored bytes from this offset on. */
export const offsetTaken = (offset: number): DarkroomError =>
  new DarkroomError('CONFLICT', expected('the offset that HEAD answers', 'Upload-Offset', offset));

/** TOO_MANY_BYTES, with what to do about it: every client sends its chunks smaller when told. */
export const bodyTooLarge = (limit: number, received: number): DarkroomError =>
  new DarkroomError(
    'TOO_MANY_BYTES',
    `${expected(`at most ${limit} bytes`, 'the body of one request', received)}; set the client's chunkSize to ${limit} or less`,
  );
