import type { CloudContext } from '../service.ts';
import type { AsyncEvent } from './async-queue.ts';
import type { FunctionRuntime, InvocationRecord } from './runtime.ts';
import type { FunctionSpec } from './spec.ts';

/** Sends a record to an SQS queue, a function or an event bus, by ARN. May throw when the target does not exist. */
export type SendToDestination = (
  targetArn: string,
  record: unknown,
  context: { source: string; detailType: string },
) => void;

/** Lambda waits one minute before the second attempt and two before the third. */
const RETRY_DELAYS_MS = [60_000, 120_000];

interface Ended {
  readonly event: AsyncEvent;
  readonly spec: FunctionSpec;
  readonly record: InvocationRecord;
}

/** The record a destination is sent: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord({ event, spec, record }: Ended, now: number): unknown {
  const condition = record.functionError ? 'RetriesExhausted' : 'Success';
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: event.id,
      functionArn: `${spec.arn}:$LATEST`,
      condition,
      approximateInvokeCount: event.attempts + 1,
    },
    requestPayload: JSON.parse(event.payload) as unknown,
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(record.functionError ? { functionError: record.functionError } : {}),
    },
    responsePayload: JSON.parse(record.payload) as unknown,
  };
}

/** When the next attempt is due, or undefined when there is none. */
function retryAt({ event, spec }: Ended, now: number): number | undefined {
  if (event.attempts >= spec.async.maximumRetryAttempts) return undefined;
  const at = now + (RETRY_DELAYS_MS[event.attempts] ?? RETRY_DELAYS_MS[1] ?? 0);
  return at - event.acceptedAt > spec.async.maximumEventAgeSeconds * 1000 ? undefined : at;
}

/** One attempt of an asynchronous invocation: run, retry later, or hand the result to its destination. */
export function createAttempt(
  runtime: FunctionRuntime,
  context: CloudContext,
  send: SendToDestination,
): (event: AsyncEvent) => Promise<{ retryAt: number } | 'done'> {
  const finish = (ended: Ended): void => {
    const failed = ended.record.functionError !== undefined;
    const target = failed ? ended.spec.async.onFailure : ended.spec.async.onSuccess;
    if (target !== undefined) {
      const detailType = `Lambda Function Invocation Result - ${failed ? 'Failure' : 'Success'}`;
      send(target, destinationRecord(ended, context.now()), { source: 'lambda', detailType });
    } else if (failed) {
      context.log('error', 'asynchronous invocation given up', {
        function: ended.spec.name,
        requestId: ended.event.id,
        attempts: ended.event.attempts + 1,
      });
    }
  };
  return async (event) => {
    try {
      const { spec } = runtime.find(event.functionName);
      const ended = { event, spec, record: await runtime.run(event.functionName, event.payload) };
      if (runtime.isClosing && ended.record.functionError) return { retryAt: event.dueAt };
      const next = ended.record.functionError === undefined ? undefined : retryAt(ended, context.now());
      if (next !== undefined) return { retryAt: next };
      finish(ended);
    } catch (error) {
      // The function is no longer deployed, or its destination is gone: trying again would not help.
      context.log('error', 'asynchronous invocation dropped', {
        function: event.functionName,
        requestId: event.id,
        error: String(error),
      });
    }
    return 'done';
  };
}
