import { randomUUID } from 'node:crypto';
import { AwsError, type CloudContext, type JsonAction } from '../service.ts';
import type { Dict } from '../stack/values.ts';
import type { Outcome } from './asl/machine.ts';
import { executionDoesNotExist } from './errors.ts';
import { checkName, executionInput, optionalText, pageSize, pageStart, pageToken, requiredText } from './input.ts';
import { seconds } from './machines.ts';
import type { Runner } from './runner.ts';
import type { ExecutionRow, MachineRow, Store } from './store.ts';

/** Express workflows are billed by 100 ms and 64 MB; here by the time alone. */
const BILLED_MS = 100;
const BILLED_MB = 64;

export interface ExecutionPorts {
  readonly context: CloudContext;
  readonly store: Store;
  readonly runner: Runner;
  readonly findMachine: (arn: string) => MachineRow;
}

/** Express executions are named anew each time, because their names need not be unique. */
function executionArn({ arn, type }: MachineRow, name: string): string {
  const [prefix = '', machine = ''] = arn.split(':stateMachine:');
  return type === 'EXPRESS'
    ? `${prefix}:express:${machine}:${name}:${randomUUID()}`
    : `${prefix}:execution:${machine}:${name}`;
}

function summary(row: ExecutionRow): Dict {
  return {
    executionArn: row.arn,
    stateMachineArn: row.machine_arn,
    name: row.name,
    status: row.status,
    startDate: seconds(row.started_at),
    ...(row.stopped_at === null ? {} : { stopDate: seconds(row.stopped_at) }),
    redriveCount: 0,
  };
}

const withoutNulls = (fields: Dict): Dict =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

function described(row: ExecutionRow): Dict {
  const { input, output, error, cause } = row;
  const details = output === null ? {} : { output, outputDetails: { included: true } };
  return { ...summary(row), input, inputDetails: { included: true }, ...details, ...withoutNulls({ error, cause }) };
}

function ending(outcome: Outcome): Dict {
  if (outcome.status === 'SUCCEEDED')
    return { status: outcome.status, output: JSON.stringify(outcome.output), outputDetails: { included: true } };
  const { error, cause } = outcome;
  const status = outcome.status === 'TIMED_OUT' ? 'TIMED_OUT' : 'FAILED';
  return { status, ...withoutNulls({ error, cause }) };
}

/** Executions: the actions on them. */
export function createExecutions({ context, store, runner, findMachine }: ExecutionPorts) {
  const find = (input: Dict): ExecutionRow => {
    const arn = requiredText(input, 'executionArn');
    const row = store.execution(arn);
    if (row) return row;
    throw executionDoesNotExist(arn);
  };

  const begin = (input: Dict) => {
    // A client can reach us, so the functions are there: what an earlier life left is older and goes first.
    runner.resume();
    const machine = findMachine(requiredText(input, 'stateMachineArn'));
    const name = checkName(optionalText(input, 'name') ?? randomUUID());
    return {
      machine,
      started: { arn: executionArn(machine, name), name, input: executionInput(input), started_at: context.now() },
    };
  };

  const start: JsonAction = (input) => {
    const { machine, started } = begin(input);
    const existing = store.execution(started.arn);
    if (existing) {
      // The same name and input while it runs is a repeated request, anything else another execution of that name.
      if (existing.status !== 'RUNNING' || existing.input !== started.input)
        throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${started.arn}'`);
      return { executionArn: existing.arn, startDate: seconds(existing.started_at) };
    }
    store.addExecution({ ...started, machine_arn: machine.arn });
    runner.enqueue(started.arn);
    return { executionArn: started.arn, startDate: seconds(started.started_at) };
  };

  const startSync: JsonAction = async (input) => {
    const { machine, started } = begin(input);
    if (machine.type !== 'EXPRESS')
      throw new AwsError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    const outcome = await runner.runNow(machine, started);
    const stopped = context.now();
    if (outcome.status === 'INTERRUPTED')
      throw new AwsError('ServiceUnavailable', 'The system is shutting down.', { status: 503 });
    const billed = Math.max(Math.ceil((stopped - started.started_at) / BILLED_MS), 1) * BILLED_MS;
    return {
      executionArn: started.arn,
      stateMachineArn: machine.arn,
      name: started.name,
      startDate: seconds(started.started_at),
      stopDate: seconds(stopped),
      input: started.input,
      inputDetails: { included: true },
      billingDetails: { billedDurationInMilliseconds: billed, billedMemoryUsedInMB: BILLED_MB },
      ...ending(outcome),
    };
  };

  const list: JsonAction = (input) => {
    const size = pageSize(input);
    const rows = store.list({
      machineArn: findMachine(requiredText(input, 'stateMachineArn')).arn,
      status: optionalText(input, 'statusFilter'),
      before: pageStart(input, Number.MAX_SAFE_INTEGER),
      limit: size + 1,
    });
    const page = rows.slice(0, size);
    const last = rows.length > size ? page.at(-1) : undefined;
    return { executions: page.map(summary), ...(last ? { nextToken: pageToken(last.number) } : {}) };
  };

  const stop: JsonAction = (input) => {
    const row = find(input);
    if (row.status === 'RUNNING') runner.stop(row.arn, optionalText(input, 'error'), optionalText(input, 'cause'));
    return { stopDate: seconds(row.stopped_at ?? context.now()) };
  };

  const history: JsonAction = (input) => {
    const row = find(input);
    const all = runner.historyOf(row.arn) ?? (JSON.parse(row.history ?? '[]') as Dict[]);
    const ordered = input.reverseOrder === true ? all.toReversed() : all;
    const from = pageStart(input, 0);
    const size = pageSize(input);
    const isLast = from + size >= ordered.length;
    return { events: ordered.slice(from, from + size), ...(isLast ? {} : { nextToken: pageToken(from + size) }) };
  };

  const actions: Readonly<Record<string, JsonAction>> = {
    StartExecution: start,
    StartSyncExecution: startSync,
    DescribeExecution: (input) => described(find(input)),
    ListExecutions: list,
    StopExecution: stop,
    GetExecutionHistory: history,
  };
  return { actions };
}
