import { createInvokeUrl } from '../apigateway/function-url.ts';
import { createApiGateway, type ApiGateway } from '../apigateway/index.ts';
import type { Page } from '../apigateway/page.ts';
import { createCloudFront } from '../cloudfront/index.ts';
import { createDynamoDb } from '../dynamodb/index.ts';
import { createEvents } from '../events/index.ts';
import { parseSchedule } from '../events/schedule.ts';
import { createLambda, type LambdaService } from '../lambda/index.ts';
import type { InvokeFunction } from '../ports.ts';
import { createS3 } from '../s3/index.ts';
import { createCloudServer } from '../server.ts';
import { AwsError, type CloudContext, type Log } from '../service.ts';
import { createSqs } from '../sqs/index.ts';
import { createSsm } from '../ssm/index.ts';
import { createStepFunctions } from '../stepfunctions/index.ts';
import { createSts } from '../sts/index.ts';
import { CloudError, hasCode } from './errors.ts';
import { createAdmin } from './index.ts';
import { createSender } from './send.ts';

export interface AssemblyOptions {
  readonly dataDir: string;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** Gives the data folder back, after everything has stopped. */
  readonly unlock: () => void;
}

export interface Addresses {
  readonly endpoint: string;
  readonly apiUrl: string;
  readonly cdnUrl: string;
}

export interface WantedPort {
  /** 0 means any. */
  readonly port: number;
  /** True: this port or an error. False: the next free one will do. */
  readonly strict: boolean;
}

export interface ListenPorts {
  readonly endpoint: WantedPort;
  readonly api: WantedPort;
  readonly cdn: WantedPort;
}

/** All emulated services, wired to one another. */
export interface Assembly {
  readonly context: CloudContext;
  readonly services: ReturnType<typeof createServices>;
  readonly gateway: ApiGateway;
  readonly cdn: ReturnType<typeof createCloudFront>;
  /** @throws CloudError PORT_IN_USE */
  listen(ports: ListenPorts): Promise<Addresses>;
  /** From now on triggers run and the API answers. */
  open(page: Page | undefined): void;
  stats(): Record<string, unknown>;
  close(): Promise<void>;
}

/** test/test, which every local tool uses, and the keys of the environment that started us, so that its SDK clients are let in. */
function credentials(): Map<string, string> {
  const map = new Map([['test', 'test']]);
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (id !== undefined && secret !== undefined) map.set(id, secret);
  return map;
}

function createContext(options: AssemblyOptions, endpoint: () => string): CloudContext {
  const { dataDir, region, accountId, log } = options;
  return { dataDir, region, accountId, log, endpoint, credentials: credentials(), now: () => Date.now() };
}

/** Lambda as events and workflows see it, which exist before it does and may have work left from an earlier run. */
function lateLambda() {
  const { promise, resolve, reject } = Promise.withResolvers<LambdaService>();
  promise.catch(() => undefined); // rejected by a stop before the functions were there: nobody need be told
  let current: LambdaService | undefined;
  const invoke: InvokeFunction = async (name, payload) => (await promise).invoke(name, payload);
  return {
    invoke,
    /** Throws until functions are deployed; EventBridge tries again. */
    invokeLater(name: string, payload: unknown): string {
      if (!current)
        throw new AwsError('ServiceException', 'expected Lambda to run but it is starting', { status: 500 });
      return current.invokeLater(name, payload);
    },
    open(lambda: LambdaService): void {
      current = lambda;
      resolve(lambda);
    },
    cancel(): void {
      reject(new Error('the system is stopping'));
    },
  };
}

function createServices(context: CloudContext, late: ReturnType<typeof lateLambda>) {
  const sqs = createSqs(context);
  const ssm = createSsm(context);
  const dynamodb = createDynamoDb(context);
  const { sendToQueue } = sqs;
  const s3 = createS3(context, { sendToQueue });
  const events = createEvents(context, {
    sendToQueue,
    invoke: late.invoke,
    invokeLater: (name, payload) => late.invokeLater(name, payload),
  });
  const stepfunctions = createStepFunctions(context, { invoke: late.invoke });
  const lambda = createLambda(context, {
    queues: sqs,
    nextTime: (expression, now) => parseSchedule(expression).next(now),
    send: createSender(context, { sendToQueue, events }),
  });
  return { sqs, ssm, dynamodb, s3, events, stepfunctions, lambda, sts: createSts(context) };
}

function portError(error: unknown, port: number): unknown {
  if (!hasCode(error, 'EADDRINUSE')) return error;
  return new CloudError(
    'PORT_IN_USE',
    `expected a free port for the AWS endpoint but received ${String(port)}, which is in use`,
    { cause: error },
  );
}

/** Creates all services on one data folder; nothing listens yet. */
export function assemble(options: AssemblyOptions): Assembly {
  let endpoint = '';
  const context = createContext(options, () => endpoint);
  const late = lateLambda();
  const services = createServices(context, late);
  const { sqs, ssm, dynamodb, s3, events, stepfunctions, lambda, sts } = services;
  const gateway = createApiGateway(context, lambda);
  const cdn = createCloudFront(context, {
    readObject: s3.readObject,
    putObject: s3.putObject,
    invokeUrl: createInvokeUrl(context, { ...lambda, modeOf: (name) => gateway.invokeModeOf(name) }),
  });
  let isReady = false;

  const stats = (): Record<string, unknown> => ({
    s3: s3.stats(),
    sqs: sqs.stats(),
    stepfunctions: stepfunctions.stats(),
    events: { pending: events.pending() },
    lambda: lambda.stats(),
    apigateway: gateway.stats(),
    cloudfront: cdn.stats(),
  });
  const admin = createAdmin({
    isReady: () => isReady,
    stats,
    metrics: () => lambda.metrics(),
    functions: () => lambda.describe(),
  });

  const json = [sqs, dynamodb, events, ssm, stepfunctions];
  // Lambda is closed by us, while the endpoint still answers the functions that are finishing.
  const listenEndpoint = async ({ port, strict }: WantedPort) => {
    const server = createCloudServer({
      port,
      strictPort: strict,
      services: { json, s3, sts, admin, lambda: { handle: (...call) => lambda.handle(...call) } },
      log: context.log,
    });
    try {
      const address = await server.listen();
      return { server, address };
    } catch (error) {
      throw portError(error, port);
    }
  };
  let server: Awaited<ReturnType<typeof listenEndpoint>>['server'] | undefined;
  let closing: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    isReady = false;
    try {
      // First: executions in flight must be there at the next start, not end as failures of a Lambda that is going.
      await stepfunctions.suspend();
      late.cancel();
      await gateway.close();
      await cdn.close();
      await lambda.close();
      if (server) await server.close();
      else for (const service of [...json, s3, sts]) await service.close?.();
    } finally {
      options.unlock();
    }
  };

  return {
    context,
    services,
    gateway,
    cdn,
    async listen({ endpoint: wanted, api, cdn: cdnWanted }) {
      const listening = await listenEndpoint(wanted);
      server = listening.server;
      endpoint = listening.address.endpoint;
      const apiUrl = `http://127.0.0.1:${String(await gateway.listen(api.port, api.strict))}`;
      const cdnUrl = `http://127.0.0.1:${String(await cdn.listen(cdnWanted.port, cdnWanted.strict))}`;
      return { endpoint, apiUrl, cdnUrl };
    },
    open(page) {
      sqs.releaseMapped();
      late.open(lambda);
      stepfunctions.resume();
      lambda.startTriggers();
      gateway.open(page);
      isReady = true;
    },
    stats,
    close: () => (closing ??= closeAll()),
  };
}
