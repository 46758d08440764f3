import type { FunctionSpec } from '../lambda/spec.ts';
import { StackError } from './errors.ts';
import { functionLogicalId } from './naming.ts';
import type { Stack } from './stack.ts';
import { dictOf, listOf, numberOf, textOf, type Dict } from './values.ts';

/** Serverless Framework's own defaults, in MB and seconds. */
const DEFAULT_MEMORY_MB = 1024;
const DEFAULT_TIMEOUT_SECONDS = 6;

/** A function key and its entry, with intrinsic functions computed. */
export interface FunctionEntry {
  readonly key: string;
  readonly entry: Dict;
  readonly spec: FunctionSpec;
}

function environmentOf(stack: Stack, entry: Dict, key: string): Record<string, string> {
  const merged = { ...dictOf(stack.model.provider.environment), ...dictOf(entry.environment) };
  const environment: Record<string, string> = {};
  for (const [name, raw] of Object.entries(merged)) {
    if (raw === null) continue;
    const value = textOf(stack.resolve(raw));
    if (value === undefined) {
      throw new StackError(
        'STACK_FILE_INVALID',
        `expected text for environment variable ${name} of function ${key} in ${stack.owner} but received ${JSON.stringify(raw)}`,
      );
    }
    environment[name] = value;
  }
  return environment;
}

/** `onFailure: arn` or `onFailure: { type, arn }`. */
function destination(value: unknown): string | undefined {
  return textOf(value) ?? textOf(dictOf(value).arn);
}

function asyncSettings(entry: Dict): FunctionSpec['async'] {
  const destinations = dictOf(entry.destinations);
  return {
    maximumRetryAttempts: numberOf(entry.maximumRetryAttempts) ?? 2,
    maximumEventAgeSeconds: numberOf(entry.maximumEventAge) ?? 21_600,
    onFailure: destination(destinations.onFailure) ?? destination(entry.onError),
    onSuccess: destination(destinations.onSuccess),
  };
}

function specOf(stack: Stack, key: string, entry: Dict): FunctionSpec {
  const identity = stack.identity(functionLogicalId(key));
  const handler = textOf(entry.handler);
  if (!identity || handler === undefined) {
    throw new StackError(
      'STACK_FILE_INVALID',
      `expected a handler for function ${key} in ${stack.owner} but received ${JSON.stringify(entry.handler)}`,
    );
  }
  const { provider, directory, name: service } = stack.model;
  return {
    key,
    name: identity.name,
    arn: identity.attributes.Arn ?? identity.name,
    service,
    directory,
    handler,
    runtime: textOf(entry.runtime) ?? textOf(provider.runtime) ?? 'nodejs24.x',
    memoryMb: numberOf(entry.memorySize) ?? numberOf(provider.memorySize) ?? DEFAULT_MEMORY_MB,
    timeoutSeconds: numberOf(entry.timeout) ?? numberOf(provider.timeout) ?? DEFAULT_TIMEOUT_SECONDS,
    reservedConcurrency: numberOf(entry.reservedConcurrency),
    environment: environmentOf(stack, entry, key),
    esbuild: stack.model.esbuild,
    async: asyncSettings(entry),
  };
}

/** Parts of an entry that say nothing about running it; roles may name what only exists in the real cloud. */
const NOT_RUN = new Set(['environment', 'iamRoleStatements', 'package', 'role', 'tags', 'vpc', 'layers']);

/** Every function of a stack as it is to be run. @throws StackError */
export function functionsOf(stack: Stack): FunctionEntry[] {
  return Object.entries(stack.model.functions).map(([key, raw]) => {
    const rest = Object.fromEntries(Object.entries(raw).filter(([name]) => !NOT_RUN.has(name)));
    // Environment is resolved on its own, so that an error can name the variable.
    const entry = { ...stack.resolveDict(rest), environment: raw.environment };
    return { key, entry, spec: specOf(stack, key, entry) };
  });
}

/** Events of a function of one kind: `events: [{ sqs: {…} }]`; a bare text (`httpApi: 'GET /x'`) comes as given. */
export function eventsOf(entry: Dict, kind: string): unknown[] {
  return listOf(entry.events).flatMap((event) => (kind in dictOf(event) ? [dictOf(event)[kind]] : []));
}
