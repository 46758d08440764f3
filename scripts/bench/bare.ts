import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface BareVariant {
  readonly key: string;
  /** Exact pixels of the file to make. */
  readonly width: number;
  readonly height: number;
}

export type BareMode = 'fromSource' | 'decodeOnce';

export interface BareJob {
  readonly id: number;
  readonly path: string;
  readonly out: string;
  readonly mode: BareMode;
  readonly variants: readonly BareVariant[];
}

const ask = (worker: ChildProcess, job: BareJob): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('message', (answer: { error?: string }) => {
      if (answer.error === undefined) resolve();
      else reject(new Error(`${job.path}: ${answer.error}`));
    });
    worker.send(job);
  });

/** Makes the same variants of the same files with sharp alone, one process a core. Answers wall-clock seconds, start-up not counted. */
export const runBare = async (
  files: readonly { path: string; variants: readonly BareVariant[] }[],
  mode: BareMode,
): Promise<number> => {
  const out = await mkdtemp(join(tmpdir(), 'darkroom-bare-'));
  const workers = Array.from({ length: availableParallelism() }, () =>
    fork(fileURLToPath(new URL('bare-worker.ts', import.meta.url))),
  );
  const jobs = files.map((file, id) => ({ ...file, id, out, mode }));
  const [first] = jobs;
  try {
    // Every process decodes one picture before the clock starts: loading sharp is not what is measured.
    if (first !== undefined) await Promise.all(workers.map((worker) => ask(worker, first)));
    const started = performance.now();
    const queue = [...jobs];
    await Promise.all(
      workers.map(async (worker) => {
        for (let job = queue.shift(); job !== undefined; job = queue.shift()) await ask(worker, job);
      }),
    );
    return (performance.now() - started) / 1000;
  } finally {
    for (const worker of workers) worker.kill();
    await rm(out, { recursive: true, force: true });
  }
};
