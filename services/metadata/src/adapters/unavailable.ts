import { DarkroomError, TransientError } from '@darkroom/runtime/errors';
import { isTransient } from '@darkroom/runtime/handler';

/** A second is what DynamoDB and EventBridge take to grant more throughput to a caller that backs off. */
const RETRY_AFTER_SECONDS = 1;

/** A port for an API: what a retry may mend becomes UNAVAILABLE with Retry-After instead of INTERNAL. */
export const orUnavailable =
  <In extends unknown[], Out>(port: (...input: In) => Promise<Out>) =>
  async (...input: In): Promise<Out> => {
    try {
      return await port(...input);
    } catch (error) {
      if (!(error instanceof TransientError) && !isTransient(error)) throw error;
      throw new DarkroomError('UNAVAILABLE', 'the catalogue is busy; try again', {
        cause: error,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  };
