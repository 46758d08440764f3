import type { InvokeFunction } from '../ports.ts';
import type { CloudContext, JsonService } from '../service.ts';
import { createExecutions } from './executions.ts';
import { createMachines, type MachineSpec } from './machines.ts';
import { Runner } from './runner.ts';
import { Store } from './store.ts';

export type { MachineSpec } from './machines.ts';

/** Asynchronous executions at one time: as many as keep two cores busy without a crowd. */
const MAX_RUNNING = 8;

export interface StepFunctionsPorts {
  readonly invoke: InvokeFunction;
  /** Asynchronous executions at one time; 8 unless given. */
  readonly maxRunning?: number;
}

export interface StepFunctionsService extends JsonService {
  /** Creates a machine or brings its definition up to date. @throws AwsError InvalidDefinition, InvalidName */
  deploy(machine: MachineSpec): Promise<{ arn: string }>;
  /** Starts again what had not ended when the system went down; to be called once the functions exist. */
  resume(): void;
  /** Stops running executions, before Lambda goes; asynchronous ones stay on disk for `resume` of the next start. */
  suspend(): Promise<void>;
  stats(): Record<string, number>;
  close(): Promise<void>;
}

/**
 * Step Functions: machines and executions in SQLite, run by our own interpreter of the Amazon States Language.
 * Own, because a ready-made engine lacked the context object, JSONata, variables and AWS's error forms, so the front
 * that mends it would be thicker than the interpreter.
 */
export function createStepFunctions(context: CloudContext, ports: StepFunctionsPorts): StepFunctionsService {
  const store = new Store(context.dataDir, context.now());
  const { invoke, maxRunning = MAX_RUNNING } = ports;
  const runner = new Runner({ context, store, invoke, maxRunning });
  const machines = createMachines(context, store);
  const executions = createExecutions({ context, store, runner, findMachine: machines.find });
  return {
    targetPrefix: 'AWSStepFunctions',
    contentType: 'application/x-amz-json-1.0',
    actions: { ...machines.actions, ...executions.actions },
    deploy: machines.deploy,
    resume: () => runner.resume(),
    stats: () => runner.stats(),
    suspend: () => runner.close(),
    async close() {
      await runner.close();
      store.close();
    },
  };
}
