import { leftoverEndpoint, localEnvironment, longFunctionNames, readTarget } from './rules.mjs';

// serverless-localstack loads AWS SDK v2, which prints an end-of-support note on each start.
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE ??= '1';

/** Long enough for `sls` to print the error, short enough not to look like a hang. */
const EXIT_GRACE_MS = 1000;

/** Ends the process unless it has ended by itself first; without `code` with the exit code it would have had. */
const endSoon = (code) => void setTimeout(() => process.exit(code), EXIT_GRACE_MS).unref();

/**
 * osls 4 removed the AWS SDK v2 surface and throws when a plugin touches it; serverless-localstack 1.4.0 still
 * reconfigures it. It gets an inert one: AWS_ENDPOINT_URL is what really redirects the framework's own clients.
 */
const giveSdkV2Surface = (provider) => {
  Object.defineProperties(provider, {
    sdk: { configurable: true, value: { config: { update: () => undefined } } },
    getCredentials: { configurable: true, value: () => ({}) },
  });
  provider.cachedCredentials ??= null;
};

/** Serverless plugin, first in every service's `plugins`. See docs/packaging.md. */
export default class DarkroomSupport {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.stage = options.stage ?? serverless.service.provider.stage ?? 'dev';
    this.target = readTarget(serverless.service.custom);
    // The bucket that osls makes for zips is closed to the public only when asked.
    serverless.service.provider.deploymentBucket ??= { blockPublicAccess: true };
    if (this.target.stages.includes(this.stage)) this.#pointAtLocalCloud();
    this.hooks = {
      initialize: () => this.#refuseLeftoverEndpoint(),
      'after:package:initialize': () => this.#refuseLongNames(),
      // esbuild contexts that were never disposed keep `sls` alive for ever: after an error between bundling and
      // clean-up, and on stage local, where serverless-localstack replaces the hook that disposes them.
      error: () => endSoon(1),
      finalize: () => endSoon(),
    };
  }

  #pointAtLocalCloud() {
    Object.assign(process.env, localEnvironment({ stage: this.stage, target: this.target, env: process.env }));
    giveSdkV2Surface(this.serverless.getProvider('aws'));
    // serverless-offline hides the shell's environment from handlers; without the endpoint they would call the real AWS.
    const custom = (this.serverless.service.custom ??= {});
    custom['serverless-offline'] = { localEnvironment: true, ...custom['serverless-offline'] };
  }

  #refuse(message, code) {
    throw new this.serverless.classes.Error(message, code);
  }

  #refuseLeftoverEndpoint() {
    const [command = 'help'] = this.serverless.processedInput.commands;
    const message = leftoverEndpoint({ stage: this.stage, target: this.target, env: process.env, command });
    if (message) this.#refuse(message, 'DARKROOM_LEFTOVER_ENDPOINT');
  }

  #refuseLongNames() {
    const { service } = this.serverless;
    const names = service.getAllFunctions().map((key) => ({ key, name: service.getFunction(key).name }));
    const [message] = longFunctionNames(names);
    if (message) this.#refuse(message, 'DARKROOM_LONG_FUNCTION_NAME');
  }
}
