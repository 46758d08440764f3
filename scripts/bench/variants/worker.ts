// One warm process of the benchmark: `worker.ts SUBJECT`, told one job at a time. Darkroom's sharp refuses files by path, so that
// the subjects cannot share a process.
import type { Done, Job, Make, Subject } from './job.ts';
import { cpuSecondsSoFar, peakSoFar, resetPeak } from './usage.ts';

const makers: Readonly<Record<Subject, () => Promise<{ make: Make }>>> = {
  darkroom: () => import('./darkroom.ts'),
  floor: () => import('./floor.ts'),
  naive: () => import('./naive.ts'),
  vipsthumbnail: () => import('./vipsthumbnail.ts'),
};

const subject = process.argv[2] as Subject;
const { make } = await makers[subject]();

const measured = async (job: Job): Promise<Done> => {
  resetPeak();
  const began = performance.now();
  const before = cpuSecondsSoFar();
  const files = await make(job);
  const cpuSeconds = cpuSecondsSoFar() - before;
  const wallSeconds = (performance.now() - began) / 1000;
  // What vipsthumbnail's processes hold is theirs; this one only starts them.
  return { cpuSeconds, wallSeconds, files, ...(subject !== 'vipsthumbnail' && { peakBytes: peakSoFar() }) };
};

process.on('message', (job: Job) => {
  measured(job).then(
    (done) => process.send?.({ done }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
