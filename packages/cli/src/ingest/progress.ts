import cliProgress from 'cli-progress';
import type { SourceFile } from './collect.ts';
import type { IngestStep } from './run.ts';
import { createTally } from './tally.ts';

export interface Progress {
  readonly update: (step: IngestStep) => void;
  readonly stop: () => void;
}

/** No progress at all: `--json` promises one object and nothing else. */
export const silent: Progress = { update: () => undefined, stop: () => undefined };

/** A line a file, for logs: no bar, no rate. */
const createLines = (total: number, stream: NodeJS.WriteStream): Progress => {
  let done = 0;
  return {
    update: (step) => {
      if (step.step !== 'done') return;
      done += 1;
      const { status, duplicateOf } = step.result;
      const same = duplicateOf === null ? '' : ` (the same bytes as ${duplicateOf})`;
      stream.write(`${done}/${total} ${status} ${step.file.name}${same}\n`);
    },
    stop: () => undefined,
  };
};

/** Two bars for a batch on a terminal, bytes sent and files developed; a line a file elsewhere. Always on stderr: stdout is for results. */
export const createProgress = (
  files: readonly SourceFile[],
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
): Progress => {
  if (!stream.isTTY) return createLines(files.length, stream);
  const tally = createTally(files, now());
  const bars = new cliProgress.MultiBar(
    { stream, hideCursor: true, barsize: 24, format: '{name} {bar} {text}' },
    cliProgress.Presets.shades_classic,
  );
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  // A bar of nothing would divide by it: a batch of empty files.
  const sending = bars.create(Math.max(1, totalBytes), 0, { name: 'sent ', text: '' });
  const developing = bars.create(files.length, 0, { name: 'ready', text: '' });
  return {
    update: (step) => {
      const at = now();
      tally.update(step, at);
      sending.update(tally.sentBytes(), { text: tally.sending(at) });
      developing.update(tally.doneFiles(), { text: tally.developing(at) });
    },
    stop: () => {
      // Stopping twice would move the cursor into what was printed since.
      if (bars.isActive) bars.stop();
    },
  };
};
