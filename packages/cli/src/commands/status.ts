import { isAlive } from '@darkroom/local-cloud/processes';
import { createApiClient } from '../api/client.ts';
import { CliError } from '../errors.ts';
import { table } from '../output.ts';
import { readRunFile } from '../system/run-file.ts';

interface DataOptions {
  readonly data: string;
  readonly json?: boolean;
}

const running = (options: DataOptions) => {
  const run = readRunFile(options.data);
  if (run !== undefined) return run;
  throw new CliError(
    'NOT_RUNNING',
    `expected a running system on ${options.data} but there is none; \`npm start\` starts one`,
  );
};

/** `darkroom status`: where the system is and how many images are in which state. Throws NOT_RUNNING. */
export const status = async (options: DataOptions): Promise<number> => {
  const run = running(options);
  const images =
    run.api === null || run.token === null ? {} : await createApiClient(run.api, run.token).countByStatus();
  const { token: _token, process: holder, ...urls } = run;
  const shown = { pid: holder.pid, ...urls };
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ ...shown, images })}\n`);
    return 0;
  }
  const rows = [...Object.entries(shown), ...Object.entries(images)].map(([name, value]) => [name, String(value)]);
  process.stdout.write(`${table(rows)}\n`);
  return 0;
};

/** Longest wait for an orderly end, in milliseconds: functions in flight may take their 30 s, but nothing is lost if they do not. */
const STOP_LIMIT_MS = 10_000;

/** `darkroom down`: ends the system on this data folder and waits until it is gone. Throws NOT_RUNNING. */
export const down = async (options: DataOptions): Promise<number> => {
  const { process: holder } = running(options);
  const { pid } = holder;
  process.kill(pid, 'SIGTERM');
  const limit = Date.now() + STOP_LIMIT_MS;
  while (isAlive(holder) && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 50));
  if (isAlive(holder)) process.kill(pid, 'SIGKILL');
  process.stdout.write(options.json === true ? `${JSON.stringify({ stopped: pid })}\n` : `stopped ${pid}\n`);
  return 0;
};

/** `darkroom token`: the access token of the running system, for curl and scripts. */
export const token = (options: DataOptions): number => {
  process.stdout.write(`${running(options).token ?? ''}\n`);
  return 0;
};
