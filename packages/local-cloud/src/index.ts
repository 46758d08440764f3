import { resolve } from 'node:path';
import { logToFile } from './admin/log-file.ts';
import { lockDataDir } from './admin/lock.ts';
import type { Page } from './apigateway/page.ts';
import { assemble, type Assembly } from './admin/assemble.ts';
import { startServices } from './admin/start-services.ts';
import type { Log } from './service.ts';

export { CloudError, type CloudErrorCode } from './admin/errors.ts';
export { StackError } from './stack/errors.ts';
export type { Log } from './service.ts';
export { BundleError } from './lambda/bundle.ts';

export interface LocalCloudOptions {
  /** Folder that holds all state; made if it does not exist. One running system at a time. */
  readonly dataDir: string;
  /** Port of the AWS endpoint; 0 means any. Default 4566. */
  readonly port?: number;
  /** Port of the HTTP APIs, function URLs and the page. Default 4567. */
  readonly apiPort?: number;
  /** Port of the CDN. Default 4568. */
  readonly cdnPort?: number;
  /** True: a port that is named here and taken is an error. False (default), and for ports that are not named: the next free one is used. */
  readonly strictPorts?: boolean;
  readonly region?: string;
  /** Twelve digits */
  readonly accountId?: string;
  /** Stage of the services. Default `local`. */
  readonly stage?: string;
  /** Folders with a `serverless.yml`; none means the stand-in only, empty. */
  readonly services?: readonly string[];
  /** Static page at `/` of the API's port. */
  readonly page?: Page;
  /** Parameters that an operator would have put there, such as secrets. */
  readonly seedParameters?: Readonly<Record<string, { value: string; type?: 'String' | 'SecureString' }>>;
  /** Names of functions whose first process starts at once. */
  readonly prewarm?: readonly string[];
  /** Without it the log goes to `logs/cloud.log` in the data folder. */
  readonly onLog?: Log;
}

export interface LocalCloud {
  /** `http://127.0.0.1:4566`: S3, SQS, DynamoDB, Step Functions, Lambda, EventBridge, SSM, STS. */
  readonly endpoint: string;
  /** `http://127.0.0.1:4567` */
  readonly apiUrl: string;
  /** `http://127.0.0.1:4568` */
  readonly cdnUrl: string;
  /** Ends everything: what runs may finish for five seconds, then children are ended and ports and the data folder are free. */
  stop(): Promise<void>;
  /** Figures of each part. */
  stats(): Record<string, unknown>;
}

/** The ports LocalStack's users know (4566) and the two after it. */
const DEFAULT_PORTS = { port: 4566, apiPort: 4567, cdnPort: 4568 };

async function launch(assembly: Assembly, options: LocalCloudOptions): Promise<LocalCloud> {
  const wanted = (name: keyof typeof DEFAULT_PORTS) => ({
    port: options[name] ?? DEFAULT_PORTS[name],
    strict: options.strictPorts === true && options[name] !== undefined,
  });
  const addresses = await assembly.listen({
    endpoint: wanted('port'),
    api: wanted('apiPort'),
    cdn: wanted('cdnPort'),
  });
  await startServices(assembly, {
    folders: (options.services ?? []).map((folder) => resolve(folder)),
    stage: options.stage ?? 'local',
    addresses,
    seedParameters: options.seedParameters ?? {},
    prewarm: options.prewarm ?? [],
  });
  assembly.open(options.page);
  return { ...addresses, stop: () => assembly.close(), stats: () => assembly.stats() };
}

/**
 * Starts the embedded stand-in for AWS and, in it, the given services. Resolves when everything answers.
 * @throws CloudError DATA_DIR_IN_USE, DATA_DIR_UNWRITABLE, PORT_IN_USE
 * @throws StackError when a service's configuration cannot be understood
 * @throws BundleError when a function does not compile
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const dataDir = resolve(options.dataDir);
  const unlock = lockDataDir(dataDir);
  let assembly: Assembly | undefined;
  try {
    assembly = assemble({
      dataDir,
      region: options.region ?? 'us-east-1',
      accountId: options.accountId ?? '000000000000',
      log: options.onLog ?? logToFile(dataDir),
      unlock,
    });
    return await launch(assembly, options);
  } catch (error) {
    if (assembly) await assembly.close();
    else unlock();
    throw error;
  }
}
