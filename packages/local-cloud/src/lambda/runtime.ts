import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InvokeResult } from '../ports.ts';
import { AwsError, type CloudContext } from '../service.ts';
import { bundleFunctions, type Bundle } from './bundle.ts';
import type { OnChunk } from './environment.ts';
import type { FunctionFailure } from './failures.ts';
import { FunctionLog } from './logs.ts';
import type { MetricStore } from './metrics.ts';
import { FunctionPool } from './pool.ts';
import { Reaper } from './reaper.ts';
import type { FunctionSpec } from './spec.ts';
import { lambdaVariables } from './variables.ts';

/** How often memory of busy functions is looked at, and idle ones are reaped, in milliseconds. */
const WATCH_MS = 250;

/** A person who pressed Ctrl-C waits a few seconds, no more. */
const DRAIN_MS = 5_000;
const DRAIN_POLL_MS = 20;

/** A function with its processes and its log. */
export interface DeployedFunction {
  readonly spec: FunctionSpec;
  readonly pool: FunctionPool;
  readonly log: FunctionLog;
}

/** What one invocation came to. */
export interface InvocationRecord {
  readonly requestId: string;
  /** JSON text of the answer or of the error. */
  readonly payload: string;
  readonly functionError: 'Unhandled' | undefined;
}

/** `name`, `name:qualifier`, a partial or a full ARN → name. */
export function functionNameOf(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  const marker = parts.indexOf('function');
  return (marker === -1 ? parts[0] : parts[marker + 1]) ?? nameOrArn;
}

/** The functions and the processes that run them. */
export class FunctionRuntime {
  readonly #context: CloudContext;
  readonly #metrics: MetricStore;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #reaper: Reaper;
  readonly #watch: NodeJS.Timeout;
  #invocations = 0;
  #errors = 0;
  #isClosing = false;

  constructor(context: CloudContext, metrics: MetricStore) {
    this.#context = context;
    this.#metrics = metrics;
    this.#reaper = new Reaper(context.log);
    this.#watch = setInterval(() => {
      this.#inspect();
    }, WATCH_MS);
    this.#watch.unref();
  }

  /**
   * Bundles and registers functions; no process is started.
   * @param minimumConcurrency function name → environments it must be able to have, such as its event source's maximum
   * @throws BundleError
   */
  async deploy(specs: readonly FunctionSpec[], minimumConcurrency: ReadonlyMap<string, number>): Promise<void> {
    const bundles = await bundleFunctions(specs, this.#context.log);
    for (const spec of specs) {
      const bundle = bundles.get(spec.name);
      if (bundle) this.#register(spec, bundle, minimumConcurrency.get(spec.name) ?? 1);
    }
  }

  get functions(): readonly DeployedFunction[] {
    return [...this.#functions.values()];
  }

  /** @throws AwsError ResourceNotFoundException */
  find(nameOrArn: string): DeployedFunction {
    const name = functionNameOf(nameOrArn);
    const found = this.#functions.get(name);
    if (found) return found;
    const { region, accountId } = this.#context;
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: arn:aws:lambda:${region}:${accountId}:function:${name}`,
      { status: 404 },
    );
  }

  /**
   * Invokes a function and waits for its end.
   * @param event JSON text
   * @param onChunk told of each piece of a streamed answer; without it the pieces are put together, as Invoke does, and the payload is their text
   * @throws AwsError ResourceNotFoundException
   */
  async run(nameOrArn: string, event: string, onChunk?: OnChunk): Promise<InvocationRecord> {
    const { spec, pool, log } = this.find(nameOrArn);
    const requestId = randomUUID();
    this.#invocations += 1;
    const pieces: Buffer[] = [];
    const outcome = await pool.invoke({ requestId, event, onChunk: onChunk ?? ((chunk) => pieces.push(chunk)) });
    if ('payload' in outcome) {
      const payload = pieces.length === 0 ? outcome.payload : JSON.stringify(Buffer.concat(pieces).toString('utf8'));
      return { requestId, payload, functionError: undefined };
    }
    this.#errors += 1;
    log.write(`${new Date(this.#context.now()).toISOString()} ${requestId} ERROR ${JSON.stringify(outcome.failure)}`);
    this.#context.log('warn', 'function failed', { function: spec.name, ...withoutTrace(outcome.failure) });
    return { requestId, payload: JSON.stringify(outcome.failure), functionError: 'Unhandled' };
  }

  /** The in-process port. @throws AwsError ResourceNotFoundException */
  async invoke(nameOrArn: string, payload: unknown, onChunk?: OnChunk): Promise<InvokeResult> {
    const record = await this.run(nameOrArn, JSON.stringify(payload ?? null), onChunk);
    const answer: unknown = JSON.parse(record.payload);
    return record.functionError ? { payload: answer, functionError: record.functionError } : { payload: answer };
  }

  /** True once functions are being ended, so that their failures say nothing about them. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  stats(): { functions: number; processes: number; invocations: number; errors: number } {
    const processes = this.functions.reduce((sum, { pool }) => sum + pool.environments.length, 0);
    return { functions: this.#functions.size, processes, invocations: this.#invocations, errors: this.#errors };
  }

  /** Waits until nothing runs, but not longer than a stop may take; what is cut off is redelivered at the next start. */
  async drain(): Promise<void> {
    const deadline = performance.now() + DRAIN_MS;
    const isBusy = (): boolean =>
      this.functions.some(({ pool }) => pool.environments.some((environment) => environment.isBusy));
    while (isBusy() && performance.now() < deadline) await sleep(DRAIN_POLL_MS);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#watch);
    await Promise.all(this.functions.map(({ pool }) => pool.close()));
    this.#reaper.close();
    await Promise.all(this.functions.map(({ log }) => log.flush()));
  }

  #register(spec: FunctionSpec, bundle: Bundle, minimum: number): void {
    const log = new FunctionLog(join(this.#context.dataDir, 'logs', `${spec.name}.log`), (line) =>
      this.#metrics.ingest(line, this.#context.now()),
    );
    const variables = { ...lambdaVariables(spec, this.#context), ...spec.environment };
    const maximum = spec.reservedConcurrency ?? Math.max(minimum, availableParallelism());
    const pool = new FunctionPool(
      {
        spec,
        bundle,
        variables,
        makeSink: () => log.sink(),
        onStart: (pid, exited) => {
          this.#reaper.watch(pid, exited);
        },
      },
      maximum,
    );
    this.#functions.set(spec.name, { spec, pool, log });
  }

  #inspect(): void {
    const now = performance.now();
    for (const { pool } of this.#functions.values()) {
      for (const environment of pool.environments) if (environment.isBusy) environment.checkMemory();
      pool.reap(now);
    }
  }
}

function withoutTrace(failure: FunctionFailure): Record<string, unknown> {
  return { errorType: failure.errorType, errorMessage: failure.errorMessage };
}
