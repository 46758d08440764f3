import type { InvokeResult } from '../../ports.ts';
import { AwsError } from '../../service.ts';
import { isDict } from '../../stack/values.ts';
import { argumentsOf, numberField } from './dataflow.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import type { Frame } from './frame.ts';
import { untilAborted, within } from './timing.ts';

const FUNCTION_ARN = /^arn:aws[^:]*:lambda:[^:]*:[^:]*:function:/;
const LAMBDA_INVOKE = /^arn:aws[^:]*:states:[^:]*:[^:]*:lambda:invoke$/;

/** Whether the embedded system can run a Task of this resource. */
export const isRunnableResource = (resource: string): boolean =>
  FUNCTION_ARN.test(resource) || LAMBDA_INVOKE.test(resource);

/** The failure of a function as Step Functions reports it: its errorType, and all it said as JSON text. */
function functionFailure(payload: unknown): StateFailure {
  const errorType = isDict(payload) && typeof payload.errorType === 'string' ? payload.errorType : '';
  return new StateFailure(errorType === '' ? 'Lambda.Unknown' : errorType, JSON.stringify(payload));
}

/** An invocation that Lambda refused: `Lambda.ResourceNotFoundException` and the like. */
function refusal(error: unknown): StateFailure {
  if (!(error instanceof AwsError)) {
    return new StateFailure('Lambda.SdkClientException', error instanceof Error ? error.message : String(error));
  }
  return new StateFailure(
    `Lambda.${error.code}`,
    `${error.message} (Service: Lambda, Status Code: ${String(error.status)})`,
  );
}

async function invoke(frame: Frame, functionName: string, payload: unknown): Promise<unknown> {
  const { run, signal } = frame.scope;
  run.emit({ type: 'LambdaFunctionScheduled', details: { resource: functionName, input: payload } });
  let result: InvokeResult;
  try {
    result = await untilAborted(run.invoke(functionName, payload), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw refusal(error);
  }
  if (result.functionError) throw functionFailure(result.payload);
  run.emit({ type: 'LambdaFunctionSucceeded', details: { output: result.payload ?? null } });
  return result.payload ?? null;
}

async function work(frame: Frame, resource: string, given: unknown): Promise<unknown> {
  if (FUNCTION_ARN.test(resource)) return invoke(frame, resource, given);
  if (!LAMBDA_INVOKE.test(resource))
    throw runtimeFailure(`The resource '${resource}' is not run by the embedded system.`);
  const { FunctionName: name, Payload: payload = {}, InvocationType: type } = isDict(given) ? given : {};
  if (typeof name !== 'string') throw runtimeFailure(`The field 'FunctionName' is required but was missing.`);
  if (type !== undefined && type !== 'RequestResponse')
    throw runtimeFailure(`expected RequestResponse for InvocationType but received ${JSON.stringify(type)}`);
  return { ExecutedVersion: '$LATEST', Payload: await invoke(frame, name, payload), StatusCode: 200 };
}

/** Runs a Task: a function by its ARN, or `arn:aws:states:::lambda:invoke`. @throws StateFailure */
export async function runTask(frame: Frame): Promise<unknown> {
  const given = await argumentsOf(frame);
  const seconds = await numberField(frame, 'TimeoutSeconds');
  const running = work(frame, String(frame.state.Resource), given);
  if (seconds === undefined) return running;
  return within(
    seconds,
    running,
    () =>
      new StateFailure('States.Timeout', `The state '${frame.name}' did not end within ${String(seconds)} seconds.`),
  );
}
