import { randomUUID } from 'node:crypto';
import { AwsError, type JsonService } from '../service.ts';
import type { Dict } from './values.ts';

/** The emulated services that stacks are created in. */
export interface CloudTargets {
  readonly sqs: JsonService;
  readonly dynamodb: JsonService;
  readonly events: JsonService;
  readonly ssm: JsonService;
  /** Creates a bucket or brings its configuration up to date. */
  createBucket(name: string, config: Dict): unknown;
  /** Creates a state machine or replaces its definition. */
  deployStateMachine(machine: { name: string; arn: string; definition: Dict; type: 'EXPRESS' | 'STANDARD' }): unknown;
}

const NEVER = new AbortController().signal;

/** Calls an action of a JSON service inside the process, as its HTTP front would. @throws AwsError */
export async function call(service: JsonService, action: string, input: Dict): Promise<Dict> {
  const run = service.actions[action];
  if (!run)
    throw new AwsError(
      'UnknownOperationException',
      `expected an action of ${service.targetPrefix} but received ${action}`,
    );
  return ((await run(input, { requestId: randomUUID(), headers: {}, signal: NEVER })) ?? {}) as Dict;
}

/** The answer of an action, or undefined when it fails with one of these codes. */
export async function callUnless(
  service: JsonService,
  codes: readonly string[],
  request: { action: string; input: Dict },
): Promise<Dict | undefined> {
  try {
    return await call(service, request.action, request.input);
  } catch (error) {
    if (error instanceof AwsError && codes.some((code) => error.code.endsWith(code))) return undefined;
    throw error;
  }
}
