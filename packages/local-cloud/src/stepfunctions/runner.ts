import type { InvokeFunction } from '../ports.ts';
import type { CloudContext } from '../service.ts';
import type { Dict } from '../stack/values.ts';
import { ExecutionEnded } from './asl/failure.ts';
import { execute, type Outcome } from './asl/machine.ts';
import { History } from './history.ts';
import type { ExecutionRow, MachineRow, Store } from './store.ts';

/** Express workflows run for at most five minutes (Step Functions quotas). */
const EXPRESS_SECONDS = 300;

export interface RunnerOptions {
  readonly context: CloudContext;
  readonly store: Store;
  readonly invoke: InvokeFunction;
  /** Asynchronous executions at one time; the rest wait in order. */
  readonly maxRunning: number;
}

type Started = Pick<ExecutionRow, 'arn' | 'name' | 'input' | 'started_at'>;

interface Running {
  readonly controller: AbortController;
  readonly history: History;
}

function parsedDefinition({ definition }: MachineRow): Dict {
  return JSON.parse(definition) as Dict;
}

function executionContext(machine: MachineRow, started: Started): Dict {
  return {
    Execution: {
      Id: started.arn,
      Input: JSON.parse(started.input) as unknown,
      Name: started.name,
      RoleArn: machine.role_arn,
      StartTime: new Date(started.started_at).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
}

/** The last event of a history. */
function endEvent(outcome: Outcome): { type: string; details: Dict } {
  if (outcome.status === 'SUCCEEDED') return { type: 'ExecutionSucceeded', details: { output: outcome.output } };
  const type =
    { FAILED: 'ExecutionFailed', TIMED_OUT: 'ExecutionTimedOut' }[outcome.status as string] ?? 'ExecutionAborted';
  return { type, details: { error: outcome.error, cause: outcome.cause } };
}

/**
 * Runs executions. Asynchronous ones are on disk before they start and start again from their input after a crash:
 * at least once, as asynchronous Express workflows promise no more.
 */
export class Runner {
  private readonly options: RunnerOptions;
  private readonly waiting: string[] = [];
  private readonly running = new Map<string, Running>();
  /** Synchronous executions: nobody hears of their end when the system stops. */
  private readonly others = new Set<AbortController>();
  private readonly settling = new Set<Promise<void>>();
  private isClosed = false;
  private isResumed = false;

  constructor(options: RunnerOptions) {
    this.options = options;
  }

  stats(): Record<string, number> {
    return { running: this.running.size, waiting: this.waiting.length, synchronous: this.others.size };
  }

  /** Takes up what had not ended when the system went down. Once. */
  resume(): void {
    if (this.isResumed) return;
    this.isResumed = true;
    for (const { arn } of this.options.store.running()) this.enqueue(arn);
  }

  enqueue(arn: string): void {
    if (!this.running.has(arn) && !this.waiting.includes(arn)) this.waiting.push(arn);
    this.fill();
  }

  historyOf(arn: string): Dict[] | undefined {
    return this.running.get(arn)?.history.list();
  }

  /** Runs an execution of which only the caller hears. */
  async runNow(machine: MachineRow, started: Started): Promise<Outcome> {
    if (this.isClosed) return { status: 'INTERRUPTED' };
    const controller = new AbortController();
    this.others.add(controller);
    try {
      return await this.execute(machine, started, { controller, history: undefined });
    } finally {
      this.others.delete(controller);
    }
  }

  /** Ends an execution as ABORTED. */
  stop(arn: string, error?: string, cause?: string): void {
    const ended = new ExecutionEnded('ABORTED', error, cause);
    const running = this.running.get(arn);
    if (running) {
      running.controller.abort(ended);
      return;
    }
    const at = this.waiting.indexOf(arn);
    if (at >= 0) this.waiting.splice(at, 1);
    this.end(arn, { status: 'ABORTED', ...(error ? { error } : {}), ...(cause ? { cause } : {}) }, this.newHistory());
  }

  /** Lets go of everything; what has not ended stays RUNNING on disk and starts again the next time. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.waiting.length = 0;
    const ended = new ExecutionEnded('INTERRUPTED', undefined, 'the system is shutting down');
    for (const controller of [...this.others, ...[...this.running.values()].map((running) => running.controller)])
      controller.abort(ended);
    await Promise.all(this.settling);
  }

  private newHistory(): History {
    return new History(this.options.context.now);
  }

  private execute(
    machine: MachineRow,
    started: Started,
    { controller, history }: { controller: AbortController; history: History | undefined },
  ): Promise<Outcome> {
    const { context, invoke } = this.options;
    return execute({
      definition: parsedDefinition(machine),
      input: JSON.parse(started.input),
      context: executionContext(machine, started),
      invoke,
      now: context.now,
      emit: history?.add ?? (() => undefined),
      stop: controller.signal,
      ...(machine.type === 'EXPRESS' ? { maxSeconds: EXPRESS_SECONDS } : {}),
    });
  }

  private fill(): void {
    while (!this.isClosed && this.running.size < this.options.maxRunning) {
      const arn = this.waiting.shift();
      if (arn === undefined) return;
      const work = this.runStored(arn).catch((cause: unknown) => {
        this.options.context.log('error', 'execution could not be run', { execution: arn, cause });
      });
      this.settling.add(work);
      void work.finally(() => {
        this.settling.delete(work);
        this.fill();
      });
    }
  }

  private async runStored(arn: string): Promise<void> {
    const { store } = this.options;
    const execution = store.execution(arn);
    if (execution?.status !== 'RUNNING') return;
    const running = { controller: new AbortController(), history: this.newHistory() };
    const machine = store.machine(execution.machine_arn);
    if (!machine) {
      this.end(arn, { status: 'ABORTED', cause: 'The state machine was deleted.' }, running.history);
      return;
    }
    this.running.set(arn, running);
    try {
      running.history.add({ type: 'ExecutionStarted', details: { input: JSON.parse(execution.input) as unknown } });
      const outcome = await this.execute(machine, execution, running);
      this.end(arn, outcome, running.history);
    } finally {
      this.running.delete(arn);
    }
  }

  private end(arn: string, outcome: Outcome, history: History): void {
    if (outcome.status === 'INTERRUPTED') return;
    history.add(endEvent(outcome));
    const failed = outcome.status === 'SUCCEEDED' ? undefined : outcome;
    this.options.store.endExecution({
      arn,
      status: outcome.status,
      output: outcome.status === 'SUCCEEDED' ? JSON.stringify(outcome.output) : null,
      error: failed?.error ?? null,
      cause: failed?.cause ?? null,
      stoppedAt: this.options.context.now(),
      history: JSON.stringify(history.list()),
    });
  }
}
