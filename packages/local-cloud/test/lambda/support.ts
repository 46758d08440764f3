import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLambda, type LambdaPorts, type LambdaService } from '../../src/lambda/index.ts';
import type { FunctionSpec } from '../../src/lambda/spec.ts';
import type { CloudContext } from '../../src/service.ts';

export const ZOO = fileURLToPath(new URL('./fixtures/zoo', import.meta.url));

export interface Sandbox {
  readonly context: CloudContext;
  readonly logged: { message: string; fields: unknown }[];
  dispose(): void;
}

/** A context with its own data folder. */
export function sandbox(overrides: Partial<CloudContext> = {}): Sandbox {
  const dataDir = mkdtempSync(join(tmpdir(), 'darkroom-lambda-'));
  const logged: Sandbox['logged'] = [];
  const context: CloudContext = {
    accountId: '000000000000',
    region: 'us-east-1',
    dataDir,
    endpoint: () => 'http://127.0.0.1:4566',
    now: () => Date.now(),
    credentials: new Map([['test', 'test']]),
    log: (_level, message, fields) => logged.push({ message, fields }),
    ...overrides,
  };
  return {
    context,
    logged,
    dispose: () => {
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A function of the fixture service; `key` is the name of its export. */
export function zooFunction(key: string, overrides: Partial<FunctionSpec> = {}): FunctionSpec {
  const name = `zoo-local-${key}`;
  return {
    key,
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    service: 'zoo',
    directory: ZOO,
    handler: `src/handlers.${key}`,
    runtime: 'nodejs24.x',
    memoryMb: 256,
    timeoutSeconds: 10,
    reservedConcurrency: undefined,
    environment: { COLOUR: 'amber' },
    esbuild: {},
    async: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600, onFailure: undefined, onSuccess: undefined },
    ...overrides,
  };
}

/** Ports of a Lambda that has neither queues nor schedules. */
export const noPorts: LambdaPorts = {
  queues: { receive: () => Promise.resolve([]), remove: () => undefined },
  nextTime: () => undefined,
  send: () => undefined,
};

/** A Lambda service with these functions, ready to be invoked. */
export async function startLambda(
  box: Sandbox,
  functions: readonly FunctionSpec[],
  ports: Partial<LambdaPorts> = {},
): Promise<LambdaService> {
  const lambda = createLambda(box.context, { ...noPorts, ...ports });
  await lambda.deploy({ functions, queueTriggers: [], schedules: [] });
  return lambda;
}
