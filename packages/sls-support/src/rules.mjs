// The decisions of the plugin, without the framework: plain data in, plain data out.
// Plain JavaScript on purpose: `sls` may be started by the host's own Node (20 or later), which cannot strip types.

/** Lambda refuses a longer FunctionName (CreateFunction, FunctionName: 64 characters without the ARN part). */
export const MAX_FUNCTION_NAME = 64;

/** Where the embedded stand-in and LocalStack listen unless the service says otherwise. */
const DEFAULT_TARGET = { stages: ['local'], host: 'http://127.0.0.1', edgePort: 4566 };

/** Commands that never call AWS, so that a leftover endpoint cannot harm. */
const OFFLINE_COMMANDS = new Set(['package', 'print', 'help']);

const endpointNames = (env) => Object.keys(env).filter((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name) && env[name]);

/** Merges `custom.localstack` of a service over the defaults: `{ stages, host, edgePort }`. */
export const readTarget = (custom) => ({ ...DEFAULT_TARGET, ...custom?.localstack });

/**
 * The environment to set before anything talks to AWS, for a stage that lives on this machine; `{}` for any other.
 * An AWS_ENDPOINT_URL that is already there wins: the stand-in takes the next free port when 4566 is in use.
 */
export const localEnvironment = ({ stage, target, env }) => {
  if (!target.stages.includes(stage)) return {};
  const endpoint = env.AWS_ENDPOINT_URL || `${target.host}:${target.edgePort}`;
  return {
    AWS_ENDPOINT_URL: endpoint,
    // serverless-localstack prints URLs with this port.
    EDGE_PORT: env.EDGE_PORT || new URL(endpoint).port,
    AWS_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID || 'test',
    AWS_SECRET_ACCESS_KEY: env.AWS_SECRET_ACCESS_KEY || 'test',
  };
};

/**
 * One sentence when an endpoint left in the shell would silently send a real deployment elsewhere, else `undefined`.
 * osls 4 hands AWS_ENDPOINT_URL to every client it makes, on every stage.
 */
export const leftoverEndpoint = ({ stage, target, env, command }) => {
  if (target.stages.includes(stage) || OFFLINE_COMMANDS.has(command) || env.DARKROOM_ALLOW_ENDPOINT === '1') return;
  const [name] = endpointNames(env);
  if (!name) return;
  return `expected no ${name} for stage ${stage} but received ${env[name]}: unset it, use --stage ${target.stages[0]}, or set DARKROOM_ALLOW_ENDPOINT=1 if you mean it`;
};

/** One sentence per function whose deployed name Lambda would refuse. `functions`: `[{ key, name }]`. */
export const longFunctionNames = (functions) =>
  functions
    .filter(({ name }) => name.length > MAX_FUNCTION_NAME)
    .map(
      ({ key, name }) =>
        `expected at most ${MAX_FUNCTION_NAME} characters for the name of function ${key} but received ${name.length}: ${name}`,
    );
