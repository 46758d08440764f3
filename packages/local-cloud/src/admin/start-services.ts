import { corsRules } from '../apigateway/cors.ts';
import { toRoute } from '../apigateway/routes.ts';
import type { Log } from '../service.ts';
import { applyStacks, loadStacks, type AppliedStacks, type CloudTargets } from '../stack/index.ts';
import { dictOf } from '../stack/values.ts';
import type { Addresses, Assembly } from './assemble.ts';
import { deployDistributions } from './distributions.ts';
import { stopEsbuild } from './stop-esbuild.ts';

export interface StartServicesOptions {
  readonly folders: readonly string[];
  readonly stage: string;
  readonly addresses: Addresses;
  readonly seedParameters: Readonly<Record<string, { value: string; type?: 'String' | 'SecureString' }>>;
  readonly prewarm: readonly string[];
}

function addApis({ gateway }: Assembly, { apis, functionUrls }: AppliedStacks, log: Log): void {
  for (const { name, routes, cors } of apis) {
    const table = routes.map((route) => toRoute(route, { functionName: route.functionName, api: name }));
    const methods = table.map(({ method }) => method);
    const taken = gateway.addApi({ name, routes: table, cors: corsRules(cors, methods) });
    for (const { method, path } of taken)
      log('warn', 'route is already taken by another service', { service: name, method, path });
  }
  for (const { functionName, url } of functionUrls) {
    const authorizer = dictOf(url).authorizer === 'aws_iam' ? 'aws_iam' : 'none';
    const invokeMode = dictOf(url).invokeMode === 'RESPONSE_STREAM' ? 'RESPONSE_STREAM' : 'BUFFERED';
    gateway.addFunctionUrl({ functionName, authorizer, invokeMode, cors: corsRules(dictOf(url).cors, ['*']) });
  }
}

/**
 * Reads the services' stacks, creates what they declare and deploys their functions. Triggers do not run yet.
 * @throws StackError, BundleError, AwsError
 */
export async function startServices(assembly: Assembly, options: StartServicesOptions): Promise<void> {
  const { context, services } = assembly;
  const { sqs, dynamodb, events, ssm, s3, stepfunctions, lambda } = services;
  for (const [name, parameter] of Object.entries(options.seedParameters)) ssm.put(name, parameter);
  if (options.folders.length === 0) return;
  const { endpoint, apiUrl, cdnUrl } = options.addresses;
  const { region, accountId, log } = context;
  const targets: CloudTargets = {
    sqs,
    dynamodb,
    events,
    ssm,
    createBucket: (name, config) => s3.createBucket(name, config),
    deployStateMachine: async (machine) => {
      await stepfunctions.deploy(machine);
    },
  };
  const universe = await loadStacks(
    options.folders,
    { stage: options.stage, region, accountId, environment: process.env },
    { cloud: { region, accountId, endpoint, apiUrl, cdnHost: new URL(cdnUrl).host }, ssm },
  );
  const applied = await applyStacks(universe, targets, log);
  await lambda.deploy({
    functions: applied.functions.map(({ spec }) => spec),
    queueTriggers: applied.queueTriggers,
    schedules: applied.schedules,
    prewarm: options.prewarm,
  });
  addApis(assembly, applied, log);
  const functionNames = applied.functions.map(({ spec }) => spec.name);
  deployDistributions(universe, assembly.cdn, functionNames);
  await stopEsbuild();
}
