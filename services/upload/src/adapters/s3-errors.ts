import { DarkroomError } from '@darkroom/runtime/errors';
import { isTransient } from '@darkroom/runtime/handler';

/** A second is enough for S3 to scale a prefix's request rate or for a connection to come back. */
const RETRY_AFTER_SECONDS = 1;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Names under which S3 says "there is none": HEAD has no body and answers `NotFound`, the others name what is missing. */
const GONE = new Set(['NoSuchUpload', 'NoSuchKey', 'NotFound']);

/** Runs a call to S3; undefined when S3 has no such upload or object. Throws UNAVAILABLE when trying again may help. */
export const orGone = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (GONE.has(nameOf(error))) return undefined;
    if (!isTransient(error)) throw error;
    throw new DarkroomError('UNAVAILABLE', 'the store is busy; try again', {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
};
