import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MOST_MEGABYTES, MOST_MILLISECONDS, type Report, type Row } from './model.ts';

const WORKER = fileURLToPath(new URL('job-process.ts', import.meta.url));

/** A worker that is still at it after this long is ended; a loaded machine is slower than the bound that is judged. */
const PATIENCE_MILLISECONDS = 4 * MOST_MILLISECONDS;

/** Files after which a worker is replaced, as Lambda replaces its environments. */
const FILES_A_WORKER = 500;

/** Above this share of a bound a file is tried once more in a fresh process, which owes nothing to the files before it. */
const SUSPICIOUS = 0.7;

/** `compare`: look also whether renditions are upright. */
const startWorker = (compare: boolean): ChildProcess =>
  fork(WORKER, compare ? ['--compare'] : [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, VIPS_BLOCK_UNTRUSTED: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });

const failed = (error: string, milliseconds: number): Report => ({
  outcome: { status: 'FAILED', error },
  headerBytes: 0,
  steps: {},
  milliseconds: Math.round(milliseconds),
  cpuMilliseconds: 0,
  peakMegabytes: 0,
  faults: [],
});

/** Hands one file to a worker. Its death, or its silence, is a report, too, and leaves `alive` false. */
const ask = (worker: ChildProcess, file: string): Promise<{ report: Report; alive: boolean }> => {
  const started = performance.now();
  const since = () => performance.now() - started;
  return new Promise((resolve) => {
    const end = (report: Report, alive: boolean) => {
      clearTimeout(timer);
      worker.removeAllListeners('message').removeAllListeners('exit');
      resolve({ report, alive });
    };
    const timer = setTimeout(() => {
      end(failed('no answer, ended', since()), false);
      worker.kill('SIGKILL');
    }, PATIENCE_MILLISECONDS);
    worker.once('message', (report: Report) => end(report, true));
    worker.once('exit', (code, signal) => end(failed(`the process died: ${signal ?? String(code)}`, since()), false));
    // A worker that ended before it was asked answers by its exit, and what cannot be sent is no news.
    worker.send(file, () => undefined);
  });
};

const isSuspicious = ({ outcome, milliseconds, peakMegabytes }: Report): boolean =>
  outcome.status === 'FAILED' ||
  milliseconds > SUSPICIOUS * MOST_MILLISECONDS ||
  peakMegabytes > SUSPICIOUS * MOST_MEGABYTES;

/** The report of a process that has done nothing else. */
const askAlone = async (file: string, compare: boolean): Promise<Report> => {
  const worker = startWorker(compare);
  const { report } = await ask(worker, file);
  worker.kill();
  return report;
};

/**
 * Runs every file through a pool of `jobs` warm workers, one file at a time each. A file that dies, fails, or comes near a bound
 * is judged by a second run in a process of its own.
 */
export const sweep = async (
  files: readonly string[],
  { jobs, compare, onRow }: { jobs: number; compare: boolean; onRow: (row: Row, done: number) => void },
): Promise<Row[]> => {
  const queue = files.values();
  const rows: Row[] = [];
  const lane = async (): Promise<void> => {
    let worker = startWorker(compare);
    let served = 0;
    for (const file of queue) {
      const first = await ask(worker, file);
      if (!first.alive || ++served >= FILES_A_WORKER) {
        worker.kill();
        worker = startWorker(compare);
        served = 0;
      }
      const report = isSuspicious(first.report) ? await askAlone(file, compare) : first.report;
      const row = { file, ...report };
      rows.push(row);
      onRow(row, rows.length);
    }
    worker.kill();
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return rows;
};
