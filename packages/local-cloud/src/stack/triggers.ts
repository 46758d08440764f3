import { eventsOf, type FunctionEntry } from './functions.ts';
import { dictOf, isTrue, listOf, numberOf, textOf, type Dict } from './values.ts';

/** One `sqs:` event: an event source mapping. */
export interface QueueTrigger {
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency: number | undefined;
  readonly reportBatchItemFailures: boolean;
  readonly enabled: boolean;
}

/** A schedule of a function event or of a rule. */
export interface ScheduleTrigger {
  readonly name: string;
  /** `rate(…)` or `cron(…)` */
  readonly expression: string;
  readonly targetArn: string;
  /** Sent instead of the scheduled event, where given. */
  readonly input: unknown;
}

/** A rule with targets, in the shapes of EventBridge's API. */
export interface RuleTrigger {
  readonly name: string;
  readonly busName: string;
  readonly pattern: unknown;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly targets: readonly Dict[];
}

export interface RouteTrigger {
  readonly functionName: string;
  readonly functionArn: string;
  readonly method: string;
  readonly path: string;
}

/** AWS's defaults for event source mappings of SQS. */
const DEFAULT_BATCH_SIZE = 10;

const KNOWN_EVENTS = new Set(['sqs', 'schedule', 'eventBridge', 'httpApi']);

export function queueTriggers({ entry, spec }: FunctionEntry): QueueTrigger[] {
  return eventsOf(entry, 'sqs').map((event) => {
    const mapping = typeof event === 'string' ? { arn: event } : dictOf(event);
    return {
      functionName: spec.name,
      queueArn: textOf(mapping.arn) ?? '',
      batchSize: numberOf(mapping.batchSize) ?? DEFAULT_BATCH_SIZE,
      windowSeconds: numberOf(mapping.maximumBatchingWindow) ?? 0,
      maximumConcurrency: numberOf(mapping.maximumConcurrency),
      reportBatchItemFailures: listOf(mapping.functionResponseType).includes('ReportBatchItemFailures'),
      enabled: mapping.enabled !== false,
    };
  });
}

export function scheduleTriggers({ entry, spec, key }: FunctionEntry): ScheduleTrigger[] {
  return eventsOf(entry, 'schedule').flatMap((event, index) => {
    const schedule = typeof event === 'string' ? { rate: event } : dictOf(event);
    if (schedule.enabled === false) return [];
    return listOf(schedule.rate).map((rate, position) => ({
      name: textOf(schedule.name) ?? `${spec.service}-${key}-schedule-${String(index)}-${String(position)}`,
      expression: String(rate),
      targetArn: spec.arn,
      input: schedule.input,
    }));
  });
}

/** `eventBus` may be a name or an ARN. */
export function busNameOf(value: unknown): string {
  const text = textOf(value) ?? 'default';
  return text.startsWith('arn:') ? (text.split('/').pop() ?? text) : text;
}

/** CloudFormation capitalises the keys of a transformer, Serverless does not. */
function transformerOf(value: unknown): Dict {
  const given = dictOf(value);
  return { InputPathsMap: given.inputPathsMap, InputTemplate: given.inputTemplate };
}

function ruleTarget(event: Dict, arn: string): Dict {
  const target: Dict = { Id: 'function', Arn: arn };
  if (event.input !== undefined) target.Input = JSON.stringify(event.input);
  if (event.inputPath !== undefined) target.InputPath = event.inputPath;
  if (event.inputTransformer !== undefined) target.InputTransformer = transformerOf(event.inputTransformer);
  const deadLetter = textOf(event.deadLetterQueueArn);
  if (deadLetter !== undefined) target.DeadLetterConfig = { Arn: deadLetter };
  return target;
}

export function ruleTriggers({ entry, spec }: FunctionEntry): { rules: RuleTrigger[]; schedules: ScheduleTrigger[] } {
  const rules: RuleTrigger[] = [];
  const schedules: ScheduleTrigger[] = [];
  for (const [index, raw] of eventsOf(entry, 'eventBridge').entries()) {
    const event = dictOf(raw);
    const name = textOf(event.name) ?? `${spec.name}-rule-${String(index + 1)}`;
    const expression = textOf(event.schedule);
    if (expression !== undefined) schedules.push({ name, expression, targetArn: spec.arn, input: event.input });
    if (event.pattern === undefined) continue;
    const state = event.enabled === false ? 'DISABLED' : 'ENABLED';
    rules.push({
      name,
      busName: busNameOf(event.eventBus),
      pattern: event.pattern,
      state,
      targets: [ruleTarget(event, spec.arn)],
    });
  }
  return { rules, schedules };
}

function routeOf(event: unknown): { method: string; path: string } {
  if (typeof event === 'string') {
    const [method = '*', path] = event.trim().split(/\s+/);
    return path === undefined ? { method: '*', path: '*' } : { method, path };
  }
  const route = dictOf(event);
  return { method: textOf(route.method) ?? '*', path: textOf(route.path) ?? '*' };
}

export function routeTriggers({ entry, spec }: FunctionEntry): RouteTrigger[] {
  return eventsOf(entry, 'httpApi').map((event) => {
    const { method, path } = routeOf(event);
    return { functionName: spec.name, functionArn: spec.arn, method: method.toUpperCase(), path };
  });
}

/** Kinds of events that the stand-in does not run, to be warned about. */
export function unsupportedEvents({ entry }: FunctionEntry): string[] {
  return listOf(entry.events).flatMap((event) => Object.keys(dictOf(event)).filter((kind) => !KNOWN_EVENTS.has(kind)));
}

/** Rules declared as resources: patterns go to EventBridge, schedules to the scheduler. */
export function declaredRule(
  name: string,
  properties: Dict,
): { rule: RuleTrigger | undefined; schedules: ScheduleTrigger[] } {
  const targets = listOf(properties.Targets).map(dictOf);
  const enabled = properties.State !== 'DISABLED';
  const expression = textOf(properties.ScheduleExpression);
  const schedules =
    expression === undefined || !enabled
      ? []
      : targets.map((target) => ({
          name,
          expression,
          targetArn: textOf(target.Arn) ?? '',
          input: parsedInput(target.Input),
        }));
  if (properties.EventPattern === undefined) return { rule: undefined, schedules };
  const state = enabled ? 'ENABLED' : 'DISABLED';
  return {
    rule: { name, busName: busNameOf(properties.EventBusName), pattern: properties.EventPattern, state, targets },
    schedules,
  };
}

function parsedInput(value: unknown): unknown {
  const text = textOf(value);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

export function hasUrl({ entry }: FunctionEntry): boolean {
  return isTrue(entry.url) || Object.keys(dictOf(entry.url)).length > 0;
}
