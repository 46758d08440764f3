import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../packages/cli/bin/darkroom.mjs', import.meta.url));

export interface CliRun {
  readonly child: ChildProcess;
  /** Settles when the process has ended and its output is read. */
  readonly finished: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

/** Ports of 0 keep parallel test files, and whatever else runs on the machine, out of each other's way. */
export const anyPorts = ['--port', '0', '--api-port', '0', '--cdn-port', '0'] as const;

/** Runs `darkroom …` in a process group of its own, as a shell would. */
export const startCli = (args: readonly string[], env: NodeJS.ProcessEnv = {}): CliRun => {
  const child = spawn(process.execPath, [bin, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', INIT_CWD: process.cwd(), ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const finished = new Promise<Awaited<CliRun['finished']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, finished };
};

/** Kills the whole process group, as a power cut would. */
export const killGroup = ({ child }: CliRun): void => {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
};
