import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataDir } from '@darkroom/local-cloud/data-dir';
import { CliError, type CliErrorCode, unwritable } from '../errors.ts';
import type { SystemOptions } from '../options.ts';
import { binPath } from '../paths.ts';
import { readRunFile, type RunFile } from './run-file.ts';

/** Longest wait for "ready", in milliseconds: the first start bundles every function on two slow cores. */
const START_LIMIT_MS = 90_000;

/** A system to talk to. `stop` ends it if this process started it. */
export interface RunningSystem {
  readonly run: RunFile & { api: string; cdn: string; page: string; token: string };
  readonly started: boolean;
  readonly stop: () => Promise<void>;
  /** Settles when a system that this process started is gone. */
  readonly gone: Promise<void>;
}

const asWhole = (run: RunFile): RunningSystem['run'] => {
  const { api, cdn, page, token } = run;
  if (api !== null && cdn !== null && page !== null && token !== null) return { ...run, api, cdn, page, token };
  throw new CliError(
    'START_FAILED',
    'expected the whole system on this data folder but only the stand-in runs there; end it with `darkroom down`',
  );
};

const upArguments = (options: SystemOptions): string[] => [
  'up',
  '--json',
  '--data',
  options.data,
  ...(options.port === undefined ? [] : ['--port', String(options.port)]),
  ...(options.apiPort === undefined ? [] : ['--api-port', String(options.apiPort)]),
  ...(options.cdnPort === undefined ? [] : ['--cdn-port', String(options.cdnPort)]),
];

const openLog = (dataDir: string): { path: string; fd: number } => {
  try {
    makeDataDir(dataDir);
    const path = join(dataDir, 'system.log');
    return { path, fd: openSync(path, 'a') };
  } catch (cause) {
    throw unwritable(dataDir, cause);
  }
};

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

/** `up --json` prints one line: the URLs, or `{"error":{code,message}}`. */
const firstLine = (child: ChildProcess, logPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () =>
        reject(
          new CliError(
            'START_FAILED',
            `expected the system to be ready within ${START_LIMIT_MS / 1000} s; see ${logPath}`,
          ),
        ),
      START_LIMIT_MS,
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(
        new CliError(
          'START_FAILED',
          `expected the system to start but it ended (${signal ?? `exit ${String(code)}`}); see ${logPath}`,
        ),
      );
    });
  });

const spawnSystem = async (options: SystemOptions & { keep?: boolean }): Promise<RunningSystem> => {
  const log = openLog(options.data);

  const keep = options.keep === true;
  // `--keep` cuts the system loose; otherwise the IPC channel ends it with this process, even after kill -9.
  const child = spawn(process.execPath, [binPath, ...upArguments(options)], {
    detached: keep,
    stdio: ['ignore', 'pipe', log.fd, keep ? 'ignore' : 'ipc'],
  });
  const line = await firstLine(child, log.path).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const answer = JSON.parse(line) as { error?: { code: CliErrorCode; message: string } };
  if (answer.error !== undefined) throw new CliError(answer.error.code, answer.error.message);
  const run = readRunFile(options.data);
  if (run === undefined)
    throw new CliError(
      'START_FAILED',
      `expected the system to leave ${join(options.data, 'run.json')}; see ${log.path}: ${readFileSync(log.path, 'utf8').slice(-200)}`,
    );
  child.stdout?.destroy();
  if (keep) child.unref();
  return {
    run: asWhole(run),
    started: true,
    gone: ended(child),
    stop: async () => {
      if (keep) return;
      child.kill('SIGTERM');
      await ended(child);
    },
  };
};

/** The system on this data folder: the one that runs already, or a new one in a process of its own. */
export const ensureSystem = async (options: SystemOptions & { keep?: boolean }): Promise<RunningSystem> => {
  const run = readRunFile(options.data);
  if (run === undefined) return spawnSystem(options);
  return { run: asWhole(run), started: false, gone: new Promise(() => undefined), stop: () => Promise.resolve() };
};
