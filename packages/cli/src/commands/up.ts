import { type LocalCloud, startLocalCloud } from '@darkroom/local-cloud';
import { makeDataDir } from '@darkroom/local-cloud/data-dir';
import { identityOf } from '@darkroom/local-cloud/processes';
import { tokenSecretParameter } from '@darkroom/types/parameters';
import { unwritable } from '../errors.ts';
import type { SystemOptions } from '../options.ts';
import { pageDir, serviceDirs } from '../paths.ts';
import { removeRunFile, type RunFile, writeRunFile } from '../system/run-file.ts';
import { localTokenSecret, mintToken } from '../system/token.ts';

export interface UpOptions extends SystemOptions {
  readonly cloudOnly?: boolean;
}

const STAGE = 'local';

const prepareDataDir = (dataDir: string): void => {
  try {
    makeDataDir(dataDir);
  } catch (cause) {
    throw unwritable(dataDir, cause);
  }
};

const whole = (options: UpOptions) => {
  const secret = localTokenSecret(options.data);
  const token = mintToken(secret, { tenant: 'default', owner: null, now: Date.now() });
  const urls = { api: '', cdn: '' };
  return {
    token,
    urls,
    start: {
      services: serviceDirs(),
      page: { dir: pageDir, config: () => ({ ...urls, token }) },
      seedParameters: { [tokenSecretParameter(STAGE)]: { value: secret, type: 'SecureString' as const } },
    },
  };
};

const ports = (options: UpOptions) => ({
  ...(options.port !== undefined && { port: options.port }),
  ...(options.apiPort !== undefined && { apiPort: options.apiPort }),
  ...(options.cdnPort !== undefined && { cdnPort: options.cdnPort }),
  strictPorts: true,
});

/** Starts the embedded system (or, with `cloudOnly`, just the empty stand-in) and writes the run file. */
export const startSystem = async (options: UpOptions): Promise<{ cloud: LocalCloud; run: RunFile }> => {
  prepareDataDir(options.data);
  const system = options.cloudOnly === true ? undefined : whole(options);
  const cloud = await startLocalCloud({ dataDir: options.data, stage: STAGE, ...ports(options), ...system?.start });
  if (system !== undefined) Object.assign(system.urls, { api: cloud.apiUrl, cdn: cloud.cdnUrl });
  const run: RunFile = {
    process: identityOf(process.pid),
    endpoint: cloud.endpoint,
    api: system === undefined ? null : cloud.apiUrl,
    cdn: system === undefined ? null : cloud.cdnUrl,
    page: system === undefined ? null : `${cloud.apiUrl}/`,
    token: system?.token ?? null,
    startedAt: new Date().toISOString(),
  };
  writeRunFile(options.data, run);
  return { cloud, run };
};

const banner = (run: RunFile): string =>
  [
    'darkroom is up',
    `  endpoint  ${run.endpoint}   (AWS_ENDPOINT_URL; credentials test/test)`,
    ...(run.api === null ? [] : [`  api       ${run.api}   (health: ${run.api}/health)`]),
    ...(run.cdn === null ? [] : [`  cdn       ${run.cdn}`]),
    ...(run.page === null ? [] : [`  page      ${run.page}`]),
    ...(run.token === null ? [] : [`  token     ${run.token}`]),
    'Ctrl-C stops it.',
    '',
  ].join('\n');

/** `darkroom up`: starts, prints where things are, stays until a signal or until the parent that started it is gone. */
export const up = async (options: UpOptions): Promise<void> => {
  const { cloud, run } = await startSystem(options);
  const { process: _process, startedAt: _startedAt, ...urls } = run;
  process.stdout.write(options.json === true ? `${JSON.stringify(urls)}\n` : banner(run));

  await new Promise<void>((resolve) => {
    for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.once(event, () => resolve());
  });
  removeRunFile(options.data);
  await cloud.stop();
  process.exit(0);
};
