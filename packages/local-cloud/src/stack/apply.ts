import type { Log } from '../service.ts';
import { createBuses, createRules, declaredRules } from './create-events.ts';
import { createMachines } from './create-machines.ts';
import { createQueues } from './create-queues.ts';
import { createTables } from './create-tables.ts';
import { functionsOf, type FunctionEntry } from './functions.ts';
import type { Stack, Universe } from './stack.ts';
import { warnAboutUnsupported } from './supported.ts';
import { call, callUnless, type CloudTargets } from './targets.ts';
import {
  hasUrl,
  queueTriggers,
  routeTriggers,
  ruleTriggers,
  scheduleTriggers,
  unsupportedEvents,
  type QueueTrigger,
  type RouteTrigger,
  type ScheduleTrigger,
} from './triggers.ts';
import { dictOf, textOf } from './values.ts';

/** What the stacks ask of Lambda and the gateway, once everything they stand on exists. */
export interface AppliedStacks {
  readonly functions: readonly FunctionEntry[];
  readonly queueTriggers: readonly QueueTrigger[];
  readonly schedules: readonly ScheduleTrigger[];
  /** One API a service that has routes. */
  readonly apis: readonly { name: string; routes: readonly RouteTrigger[]; cors: unknown }[];
  readonly functionUrls: readonly { functionName: string; url: unknown }[];
}

function warn(stacks: readonly Stack[], functions: readonly FunctionEntry[], log: Log): void {
  for (const stack of stacks) warnAboutUnsupported(stack, log);
  for (const entry of functions) {
    const kinds = unsupportedEvents(entry);
    if (kinds.length > 0)
      log('warn', 'events are not run by the embedded system', { function: entry.spec.name, kinds });
  }
}

async function publishParameters(stacks: readonly Stack[], targets: CloudTargets): Promise<void> {
  for (const stack of stacks) {
    for (const { logicalId, properties } of stack.resourcesOf('AWS::SSM::Parameter')) {
      const name = stack.identity(logicalId)?.name;
      const value = textOf(stack.resolve(properties.Value)) ?? '';
      const type = textOf(stack.resolve(properties.Type)) ?? 'String';
      const request = { action: 'GetParameter', input: { Name: name, WithDecryption: true } };
      const current = await callUnless(targets.ssm, ['ParameterNotFound'], request);
      // Written only when it changes, so that its version does not grow with every start.
      if (dictOf(current?.Parameter).Value === value) continue;
      await call(targets.ssm, 'PutParameter', { Name: name, Value: value, Type: type, Overwrite: true });
    }
  }
}

async function createBuckets(stacks: readonly Stack[], targets: CloudTargets): Promise<void> {
  for (const stack of stacks) {
    for (const { logicalId, properties } of stack.resourcesOf('AWS::S3::Bucket')) {
      await targets.createBucket(stack.identity(logicalId)?.name ?? logicalId, stack.resolveDict(properties));
    }
  }
  // A policy may belong to another stack than its bucket.
  for (const stack of stacks) {
    for (const { properties } of stack.resourcesOf('AWS::S3::BucketPolicy')) {
      const { Bucket, PolicyDocument } = stack.resolveDict(properties);
      await targets.createBucket(textOf(Bucket) ?? '', { PolicyDocument });
    }
  }
}

function apisOf(stacks: readonly Stack[], functions: readonly FunctionEntry[]): AppliedStacks['apis'] {
  return stacks.flatMap((stack) => {
    const routes = functions.filter(({ spec }) => spec.service === stack.model.name).flatMap(routeTriggers);
    if (routes.length === 0) return [];
    return [{ name: stack.model.name, routes, cors: stack.resolve(dictOf(stack.model.provider.httpApi).cors) }];
  });
}

/**
 * Creates everything the stacks declare, in the order in which things need one another, and returns what is left to run.
 * Idempotent: on every start existing resources are brought up to date; data is never deleted.
 * @throws StackError, AwsError
 */
export async function applyStacks(universe: Universe, targets: CloudTargets, log: Log): Promise<AppliedStacks> {
  const { stacks } = universe;
  await createQueues(stacks, targets);
  // Notifications of buckets name queues, so queues come first.
  await createBuckets(stacks, targets);
  await createTables(stacks, targets);
  await publishParameters(stacks, targets);
  await createBuses(stacks, targets);
  await createMachines(stacks, targets);
  const functions = stacks.flatMap(functionsOf);
  const declared = declaredRules(stacks);
  const ofFunctions = functions.map(ruleTriggers);
  await createRules([...declared.rules, ...ofFunctions.flatMap(({ rules }) => rules)], targets);
  warn(stacks, functions, log);
  return {
    functions,
    queueTriggers: functions.flatMap(queueTriggers),
    schedules: [
      ...declared.schedules,
      ...ofFunctions.flatMap(({ schedules }) => schedules),
      ...functions.flatMap(scheduleTriggers),
    ],
    apis: apisOf(stacks, functions),
    functionUrls: functions.filter(hasUrl).map(({ spec, entry }) => ({ functionName: spec.name, url: entry.url })),
  };
}
