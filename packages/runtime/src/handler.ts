import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { InvalidEventError } from './errors.ts';
import type { Logger, Metrics } from './observability.ts';

export interface HandlerOptions<In extends z.ZodType, Result> {
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** The contract of the event; anything else is an InvalidEventError. */
  readonly input: In;
  readonly run: (input: z.output<In>, context: Context) => Promise<Result>;
  /** Errors that are an answer rather than a fault (by name, such as `ImageRejected`): logged as info, thrown on. */
  readonly expectedErrors?: readonly string[];
}

/** AWS SDK errors worth a retry, by name; see https://docs.aws.amazon.com/general/latest/gr/api-retries.html. */
const TRANSIENT = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'SlowDown',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
]);

/** True for throttling and network errors of the AWS SDK. */
export const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  const code = (error as { code?: string }).code ?? '';
  return (
    TRANSIENT.has(error.name) || status >= 500 || ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT'].includes(code)
  );
};

const transientOf = (cause: Error): Error => {
  const error = new Error(`${cause.name}: ${cause.message}`, { cause });
  error.name = 'TransientError';
  return error;
};

/**
 * Wraps the one thing a function does: parses its event, logs what goes wrong once, and lets errors out under the names that
 * the state machine and the queue know (`TransientError` for what a retry may mend). Flushes metrics whatever happens.
 */
export const makeHandler =
  <In extends z.ZodType, Result>(options: HandlerOptions<In, Result>) =>
  async (event: unknown, context: Context): Promise<Result> => {
    const { logger, metrics } = options;
    logger.resetKeys();
    logger.addContext(context);
    const input = options.input.safeParse(event);
    if (!input.success) {
      logger.error('event does not fit the contract', { issues: input.error.issues });
      throw new InvalidEventError(
        input.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
    }
    try {
      return await options.run(input.data, context);
    } catch (error) {
      if (error instanceof Error && options.expectedErrors?.includes(error.name)) {
        logger.info('refused', { reason: error.message });
        throw error;
      }
      logger.error('failed', { error });
      throw error instanceof Error && isTransient(error) ? transientOf(error) : error;
    } finally {
      // Powertools warns at every empty publication, and most invocations of some functions measure nothing.
      if (metrics?.hasStoredMetrics() === true) metrics.publishStoredMetrics();
    }
  };
