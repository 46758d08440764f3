import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InvokeFunction, StreamFunction } from '../ports.ts';
import type { CloudContext, HttpService } from '../service.ts';
import type { QueueTrigger, ScheduleTrigger } from '../stack/triggers.ts';
import { createAttempt, type SendToDestination } from './async-invoke.ts';
import { AsyncQueue } from './async-queue.ts';
import { EventSourceMapping } from './mapping.ts';
import { MetricStore, type MetricPoint } from './metrics.ts';
import { createRestApi } from './rest-api.ts';
import { FunctionRuntime } from './runtime.ts';
import { Scheduler, type NextTime } from './scheduler.ts';
import type { QueueSource } from './service-ports.ts';
import type { FunctionSpec } from './spec.ts';

export interface LambdaPorts {
  readonly queues: QueueSource;
  readonly nextTime: NextTime;
  /** Targets of schedules and asynchronous results that are no functions: queues and event buses. */
  readonly send: SendToDestination;
}

export interface LambdaDeployment {
  readonly functions: readonly FunctionSpec[];
  readonly queueTriggers: readonly QueueTrigger[];
  readonly schedules: readonly ScheduleTrigger[];
  /** Names of functions to have a process before the first invocation. */
  readonly prewarm?: readonly string[];
}

export interface LambdaService extends HttpService {
  readonly invoke: InvokeFunction;
  readonly stream: StreamFunction;
  /** Accepts an asynchronous invocation durably and returns its id. @throws AwsError ResourceNotFoundException */
  invokeLater(functionNameOrArn: string, payload: unknown): string;
  /** Bundles and registers functions. @throws BundleError */
  deploy(deployment: LambdaDeployment): Promise<void>;
  /** Starts event source mappings, schedules and what is left of asynchronous invocations. */
  startTriggers(): void;
  metrics(): MetricPoint[];
  describe(): unknown[];
  stats(): Record<string, number>;
  close(): Promise<void>;
}

/** Event source mappings without a maximum begin with five pollers on AWS; here the function's own maximum holds. */
function minimumConcurrency(triggers: readonly QueueTrigger[]): Map<string, number> {
  const minimum = new Map<string, number>();
  for (const { functionName, maximumConcurrency = 1 } of triggers) {
    minimum.set(functionName, Math.max(minimum.get(functionName) ?? 1, maximumConcurrency));
  }
  return minimum;
}

/** The same mapping keeps its UUID over restarts. */
function mappingId(trigger: QueueTrigger): string {
  const hex = createHash('sha256').update(`${trigger.functionName} ${trigger.queueArn}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

function restoreMetrics(file: string, metrics: MetricStore): void {
  if (existsSync(file)) metrics.restore(JSON.parse(readFileSync(file, 'utf8')) as MetricPoint[]);
}

function saveMetrics(file: string, metrics: MetricStore): void {
  writeFileSync(`${file}.tmp`, JSON.stringify(metrics.list()));
  renameSync(`${file}.tmp`, file);
}

/** Lambda: functions in child processes, their triggers, and the Invoke API. */
export function createLambda(context: CloudContext, ports: LambdaPorts): LambdaService {
  const folder = join(context.dataDir, 'lambda');
  mkdirSync(folder, { recursive: true });
  const metricsFile = join(folder, 'metrics.json');
  const metrics = new MetricStore();
  restoreMetrics(metricsFile, metrics);
  const runtime = new FunctionRuntime(context, metrics);
  const asyncQueue = new AsyncQueue({
    folder,
    now: context.now,
    attempt: createAttempt(runtime, context, (arn, record, about) => {
      if (arn.includes(':lambda:')) invokeLater(arn, record);
      else ports.send(arn, record, about);
    }),
  });
  const mappings: EventSourceMapping[] = [];

  const accept = (functionNameOrArn: string, payload: string): string => {
    const { spec } = runtime.find(functionNameOrArn);
    const id = randomUUID();
    asyncQueue.add({ id, functionName: spec.name, payload });
    return id;
  };
  const invokeLater = (functionNameOrArn: string, payload: unknown): string =>
    accept(functionNameOrArn, JSON.stringify(payload ?? null));

  const scheduler = new Scheduler(context, {
    next: ports.nextTime,
    deliver: (targetArn, event) => {
      try {
        if (targetArn.includes(':lambda:')) invokeLater(targetArn, event);
        else ports.send(targetArn, event, { source: 'aws.events', detailType: 'Scheduled Event' });
      } catch (error) {
        context.log('error', 'schedule could not be delivered', { targetArn, error: String(error) });
      }
    },
  });
  const pendingSchedules: ScheduleTrigger[] = [];

  const addMapping = (trigger: QueueTrigger): void => {
    const maximum = runtime.find(trigger.functionName).pool.maximum;
    mappings.push(
      new EventSourceMapping({
        id: mappingId(trigger),
        trigger,
        region: context.region,
        source: ports.queues,
        concurrency: trigger.maximumConcurrency ?? maximum,
        invoke: async (event) => {
          const result = await runtime.invoke(trigger.functionName, event);
          return result.functionError ? undefined : result;
        },
        log: context.log,
      }),
    );
  };

  const rest = createRestApi({ runtime, mappings: () => mappings, invokeLater: accept });

  return {
    handle: rest.handle.bind(rest),
    invoke: (name, payload) => runtime.invoke(name, payload),
    stream: (name, payload, onChunk) => runtime.invoke(name, payload, onChunk),
    invokeLater,
    async deploy({ functions, queueTriggers, schedules, prewarm = [] }) {
      await runtime.deploy(functions, minimumConcurrency(queueTriggers));
      for (const trigger of queueTriggers) addMapping(trigger);
      pendingSchedules.push(...schedules);
      for (const name of prewarm) runtime.find(name).pool.warm();
    },
    startTriggers() {
      for (const mapping of mappings) mapping.start();
      for (const schedule of pendingSchedules.splice(0)) scheduler.add(schedule);
      asyncQueue.wake();
    },
    metrics: () => metrics.list(),
    describe: () =>
      runtime.functions.map(({ spec, pool }) => ({
        name: spec.name,
        service: spec.service,
        memoryMb: spec.memoryMb,
        timeoutSeconds: spec.timeoutSeconds,
        maximumProcesses: pool.maximum,
        waiting: pool.waiting,
        processes: pool.environments.map((environment) => ({
          pid: environment.pid,
          busy: environment.isBusy,
          residentBytes: environment.residentBytes(),
        })),
      })),
    stats: () => ({ ...runtime.stats(), asyncPending: asyncQueue.size }),
    async close() {
      scheduler.close();
      const draining = Promise.all(mappings.map((mapping) => mapping.stop()));
      await runtime.drain();
      asyncQueue.pause();
      await runtime.close();
      await draining;
      await asyncQueue.close();
      saveMetrics(metricsFile, metrics);
    },
  };
}
