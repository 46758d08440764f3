import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, type Outcome } from '../../src/stepfunctions/asl/machine.ts';
import { definitionProblems } from '../../src/stepfunctions/asl/validate.ts';
import type { InvokeFunction, InvokeResult } from '../../src/ports.ts';
import { AwsError, type CloudContext } from '../../src/service.ts';

export const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:';
export const INVOKE = 'arn:aws:states:::lambda:invoke';

export const nameOf = (functionNameOrArn: string): string => functionNameOrArn.split(':').at(-1) ?? functionNameOrArn;

export const failing = (errorType: string, errorMessage = 'no'): InvokeResult => ({
  payload: { errorType, errorMessage, trace: [] },
  functionError: 'Unhandled',
});

export interface Functions {
  readonly invoke: InvokeFunction;
  readonly calls: { name: string; payload: unknown }[];
}

/** Functions to call from a definition: `echo`, `double`, `slow`, `flaky:N` fails N times, `fail:Name` always. */
export function functions(): Functions {
  const calls: Functions['calls'] = [];
  let failures = 0;
  const table: Record<string, (payload: unknown) => InvokeResult | Promise<InvokeResult>> = {
    echo: (payload) => ({ payload }),
    double: (payload) => ({ payload: (payload as { n: number }).n * 2 }),
    nothing: () => ({ payload: null }),
    large: () => ({ payload: 'x'.repeat(300_000) }),
    never: () => new Promise(() => undefined),
    flaky: () => {
      failures += 1;
      return failures <= 2 ? failing('Flaky') : { payload: failures };
    },
    rejected: () => failing('ImageRejected', 'TOO_LARGE'),
    crashed: () => failing('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited with error: signal: killed'),
    late: () => failing('Sandbox.Timedout', 'RequestId: 1 Error: Task timed out after 3.00 seconds'),
    failsOn2: (payload) => (payload === 2 ? failing('Two') : { payload }),
  };
  const invoke: InvokeFunction = async (functionNameOrArn, payload) => {
    const name = nameOf(functionNameOrArn);
    calls.push({ name, payload });
    const run = table[name];
    if (!run)
      throw new AwsError('ResourceNotFoundException', `Function not found: ${functionNameOrArn}`, { status: 404 });
    return run(payload);
  };
  return { invoke, calls };
}

export const task = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: 'Task',
  Resource: `${ARN}${name}`,
  End: true,
  ...more,
});

/** A machine of one state named `S`, with the states it goes on to. */
export const one = (state: Record<string, unknown>, others: Record<string, unknown> = {}): Record<string, unknown> => ({
  StartAt: 'S',
  States: { S: state, ...others },
});

export interface Ran {
  readonly outcome: Outcome;
  readonly calls: Functions['calls'];
  readonly events: string[];
}

export const CONTEXT = {
  Execution: {
    Id: 'arn:e',
    Input: {},
    Name: 'e',
    RoleArn: 'arn:r',
    StartTime: '2026-11-23T20:40:00.000Z',
    RedriveCount: 0,
  },
  StateMachine: { Id: 'arn:m', Name: 'm' },
};

/** Runs a valid definition with the functions above. */
export async function run(definition: Record<string, unknown>, input: unknown = {}, maxSeconds?: number): Promise<Ran> {
  const problems = await definitionProblems(definition);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const { invoke, calls } = functions();
  const events: string[] = [];
  const outcome = await execute({
    definition,
    input,
    context: CONTEXT,
    invoke,
    now: () => Date.now(),
    emit: ({ type }) => events.push(type),
    stop: new AbortController().signal,
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
  });
  return { outcome, calls, events };
}

export interface Sandbox {
  readonly context: CloudContext;
  dispose(): void;
}

export function sandbox(prefix: string): Sandbox {
  const dataDir = mkdtempSync(join(tmpdir(), `darkroom-${prefix}-`));
  return {
    context: {
      accountId: '000000000000',
      region: 'us-east-1',
      dataDir,
      endpoint: () => 'http://127.0.0.1:4566',
      now: () => Date.now(),
      credentials: new Map([['test', 'test']]),
      log: () => undefined,
    },
    dispose: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
