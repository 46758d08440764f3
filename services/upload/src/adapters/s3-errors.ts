import { DarkroomError } from '@darkroom/runtime/errors';
import { isTransient } from '@darkroom/runtime/handler';

/** A second is enough for S3 to scale a prefix's request rate or for a connection to come back. */
const RETRY_AFTER_SECONDS = 1;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Names under which S3 says "there is none": HEAD has no body and answers `NotFound`, the others name what is missing. */
const GONE = new Set(['NoSuchUpload', 'NoSuchKey', 'NotFound']);
/** Names under which S3 says "not under this condition": there is such an object already, or it is being written or deleted. */
const TAKEN = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

export const isGone = (error: unknown): boolean => GONE.has(nameOf(error));
export const isTaken = (error: unknown): boolean => TAKEN.has(nameOf(error));

/** UNAVAILABLE (503): the same call may go through in a second. */
export const busy = (cause?: unknown): DarkroomError =>
  new DarkroomError('UNAVAILABLE', 'the store is busy; try again', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });

/** Runs a call to S3. Throws UNAVAILABLE when trying again may help, and what S3 threw otherwise. */
export const mapped = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw isTransient(error) ? busy(error) : error;
  }
};

/** Runs a call to S3; undefined when S3 has no such upload or object. Throws UNAVAILABLE when trying again may help. */
export const orGone = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await mapped(call);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};
