import { bytes, duration } from '../output.ts';
import type { SourceFile } from './collect.ts';
import { createPace } from './pace.ts';
import type { IngestStep } from './run.ts';

/** Where a batch stands. Sizes in bytes. */
export interface Tally {
  readonly update: (step: IngestStep, now: number) => void;
  readonly sentBytes: () => number;
  readonly doneFiles: () => number;
  /** `12.3 MB of 45.6 MB, 3.4 MB/s, 12 s left`. */
  readonly sending: (now: number) => string;
  /** `31 of 120, 2.1/s, 43 s left; 2 refused, 1 duplicate`. */
  readonly developing: (now: number) => string;
}

const left = (amount: number, perSecond: number | null): string[] =>
  perSecond === null || amount <= 0 ? [] : [`${duration(amount / perSecond)} left`];

/** Counts a batch that starts at `start` (milliseconds). */
export const createTally = (files: readonly SourceFile[], start: number): Tally => {
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  // Bytes of files that are on their way; a file that has arrived, or will not be sent, counts whole.
  const moving = new Map<string, number>();
  const settled = new Set<string>();
  const counts = new Map<string, number>();
  const sendPace = createPace(start);
  const donePace = createPace(start);
  let sentBytes = 0;
  let doneFiles = 0;

  const settle = ({ path, size }: SourceFile): void => {
    if (settled.has(path)) return;
    settled.add(path);
    sentBytes += size - (moving.get(path) ?? 0);
    moving.delete(path);
  };
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);

  const update: Tally['update'] = (step, now) => {
    const { file } = step;
    if (step.step === 'moving') {
      if (settled.has(file.path)) return;
      const more = step.bytes - (moving.get(file.path) ?? 0);
      moving.set(file.path, step.bytes);
      sentBytes += more;
      // Only what travels makes the rate: a duplicate is there at once.
      sendPace.add(more, now);
      return;
    }
    settle(file);
    if (step.step === 'sent') return;
    doneFiles += 1;
    donePace.add(1, now);
    if (step.result.status !== 'READY') count(step.result.status.toLowerCase());
    if (step.result.duplicateOf !== null) count('duplicate');
  };

  return {
    update,
    sentBytes: () => sentBytes,
    doneFiles: () => doneFiles,
    sending: (now) => {
      const rate = sendPace.perSecond(now);
      const speed = rate === null ? [] : [`${bytes(rate)}/s`];
      const parts = [`${bytes(sentBytes)} of ${bytes(totalBytes)}`, ...speed, ...left(totalBytes - sentBytes, rate)];
      return parts.join(', ');
    },
    developing: (now) => {
      const rate = donePace.perSecond(now);
      const speed = rate === null ? [] : [`${rate.toFixed(1)}/s`];
      const parts = [`${doneFiles} of ${files.length}`, ...speed, ...left(files.length - doneFiles, rate)].join(', ');
      const others = [...counts].map(([what, number]) => `${number} ${what}`).join(', ');
      return others === '' ? parts : `${parts}; ${others}`;
    },
  };
};
