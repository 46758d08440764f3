import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { withoutAws } from '../../package/sls.ts';
import type { PackagedFunction } from './functions.ts';

const IMPORT_PROCESS = fileURLToPath(new URL('import-process.mjs', import.meta.url));

/** What importing one module costs. */
export interface Cold {
  readonly milliseconds: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}
/** A module and the environment that it reads while it is imported. */
export type Importable = Pick<PackagedFunction, 'file' | 'environment'>;

/** Imports a module in a fresh process. Rejects when that fails; what it printed is on stderr. */
export const importOnce = async ({ file, environment }: Importable): Promise<Cold> => {
  const child = fork(IMPORT_PROCESS, [file], {
    // Beside the service's packages; a compile cache of an earlier run would hide what a cold start costs.
    cwd: dirname(file),
    env: { ...withoutAws({ PATH: process.env['PATH'] }), ...environment, AWS_REGION: 'eu-west-1' },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`expected ${file} to be imported but its process ended`);
  });
  const [cold] = (await Promise.race([once(child, 'message'), ended])) as [Cold];
  await ended.catch(() => undefined);
  return cold;
};
