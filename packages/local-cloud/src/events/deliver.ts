import type { InvokeFunction, SendToQueue } from '../ports.ts';
import { AwsError, type Log } from '../service.ts';
import type { Delivery } from './outbox.ts';

export interface DeliveryPorts {
  readonly sendToQueue: SendToQueue;
  /** Runs a function and waits for its answer. */
  readonly invoke: InvokeFunction;
  /** Hands an event to a function as an asynchronous invocation, which is durable and retried there; used if given. */
  readonly invokeLater?: (functionNameOrArn: string, payload: unknown) => unknown;
  readonly log: Log;
}

/** Calls of a function that fails by itself, as asynchronous invocations have them: once and two retries. */
const MAX_FUNCTION_ATTEMPTS = 3;

/** Templates may make text that is no JSON; a function gets it as a string. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return payload;
  }
}

/** The function took the event and failed: no fault of the delivery, so its retries are few. */
export class FunctionFailure extends Error {
  override readonly name = 'FunctionFailure';
}

async function runFunction(delivery: Delivery, ports: DeliveryPorts): Promise<void> {
  const { Arn } = delivery.target;
  if (ports.invokeLater) {
    ports.invokeLater(Arn, parsed(delivery.payload));
    return;
  }
  const { functionError, payload } = await ports.invoke(Arn, parsed(delivery.payload));
  if (functionError === undefined) return;
  const failure = new FunctionFailure(`${functionError} error of ${Arn}: ${JSON.stringify(payload)}`);
  if (delivery.attempts + 1 < MAX_FUNCTION_ATTEMPTS) throw failure;
  giveUp(delivery, { error: failure, reason: 'MaximumRetryAttempts' }, ports);
}

/** Hands one event to one target. @throws when it should be tried again */
export async function deliver(delivery: Delivery, ports: DeliveryPorts): Promise<void> {
  const { Arn } = delivery.target;
  const service = Arn.split(':')[2];
  if (service === 'sqs') ports.sendToQueue(Arn, delivery.payload);
  else if (service === 'lambda') await runFunction(delivery, ports);
  else giveUp(delivery, { error: unsupported(Arn), reason: 'UnsupportedTarget' }, ports);
}

const unsupported = (arn: string): AwsError =>
  new AwsError('ValidationException', `expected a queue or a function as target but received ${arn}`);

const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });

/** Sends what could not be delivered to the target's dead-letter queue, with EventBridge's attributes; else it is only logged. */
export function giveUp(delivery: Delivery, failure: { error: unknown; reason: string }, ports: DeliveryPorts): void {
  const { target, ruleArn, payload, attempts } = delivery;
  const message = failure.error instanceof Error ? failure.error.message : String(failure.error);
  ports.log('error', 'event could not be delivered', { arn: target.Arn, rule: ruleArn, attempts, error: message });
  const queueArn = target.DeadLetterConfig?.Arn;
  if (queueArn === undefined) return;
  const code = failure.error instanceof AwsError ? failure.error.code : 'SDK_CLIENT_ERROR';
  try {
    ports.sendToQueue(queueArn, payload, {
      RULE_ARN: attribute(ruleArn),
      TARGET_ARN: attribute(target.Arn),
      ERROR_CODE: attribute(code),
      ERROR_MESSAGE: attribute(message),
      EXHAUSTED_RETRY_CONDITION: attribute(failure.reason),
      RETRY_ATTEMPTS: attribute(String(attempts)),
    });
  } catch (error) {
    ports.log('error', 'dead-letter queue could not be reached', { queueArn, error: String(error) });
  }
}
