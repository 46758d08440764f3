import { homedir, tmpdir } from 'node:os';
import type { CloudContext } from '../service.ts';
import type { FunctionSpec } from './spec.ts';

/**
 * The environment variables that Lambda itself sets, plus what a process needs to run on this machine. Nothing else of the
 * parent's environment reaches a function: what a function needs must be in its `serverless.yml`.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function lambdaVariables(spec: FunctionSpec, context: CloudContext): Record<string, string> {
  const [accessKeyId, secretAccessKey] = context.credentials.entries().next().value ?? ['test', 'test'];
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_DEFAULT_REGION: context.region,
    AWS_ENDPOINT_URL: context.endpoint(),
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: context.region,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    HOME: homedir(),
    LAMBDA_TASK_ROOT: spec.directory,
    LANG: 'en_US.UTF-8',
    PATH: process.env.PATH ?? '',
    TMPDIR: tmpdir(),
    TZ: ':UTC',
    _HANDLER: spec.handler,
  };
}
