import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Done, Job, Subject } from './job.ts';

/** A warm process that makes one photograph at a time. */
export interface Worker {
  readonly run: (job: Job) => Promise<Done>;
  readonly stop: () => void;
}

const ask = (child: ChildProcess, job: Job): Promise<Done> =>
  new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`expected ${job.photo.path} to be made but its process ended`));
    child.once('exit', ended);
    child.once('message', ({ done, error }: { done?: Done; error?: string }) => {
      child.off('exit', ended);
      if (done === undefined) reject(new Error(`${job.photo.path}: ${error}`));
      else resolve(done);
    });
    child.send(job);
  });

/** Starts a process for a subject. Darkroom's has the environment that its function has. */
export const startWorker = (subject: Subject): Worker => {
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [subject], {
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...(subject === 'darkroom' && { VIPS_BLOCK_UNTRUSTED: '1' }) },
  });
  return { run: (job) => ask(child, job), stop: () => child.kill() };
};
