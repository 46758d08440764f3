import { collectFiles } from '../ingest/collect.ts';
import { openJournal } from '../ingest/journal.ts';
import { createProgress, silent } from '../ingest/progress.ts';
import type { IngestReport } from '../ingest/report.ts';
import { ingest } from '../ingest/run.ts';
import { createStopSwitch, INTERRUPTED_EXIT, type StopSwitch } from '../ingest/stop.ts';
import type { SystemOptions } from '../options.ts';
import { reportTable } from '../output.ts';
import { userPath } from '../paths.ts';
import { ensureSystem, type RunningSystem } from '../system/start.ts';

export interface IngestCommandOptions extends SystemOptions {
  readonly keep?: boolean;
  readonly concurrency: number;
  readonly timeout: number;
  /** Commander's `--no-dedupe`. */
  readonly dedupe?: boolean;
}

/** Nothing lost, nothing failed: rejected is an answer, not a failure. 130 when it was stopped before its end. */
export const exitCodeOf = (report: IngestReport): number => {
  if (report.interrupted) return INTERRUPTED_EXIT;
  return report.lost === 0 && report.failed === 0 ? 0 : 1;
};

const listen = (system: RunningSystem): StopSwitch =>
  createStopSwitch(
    {
      onFirst: () =>
        process.stderr.write(
          '\ndarkroom: stopping. Run the same command again to go on: what has arrived is not sent again. Ctrl-C again ends at once.\n',
        ),
      onSecond: () => process.exit(INTERRUPTED_EXIT),
    },
    system.gone,
  );

const print = (report: IngestReport, system: RunningSystem, options: IngestCommandOptions): void => {
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  process.stdout.write(`\n${reportTable(report)}`);
  if (options.keep === true || !system.started) process.stdout.write(`\nThe system is up: ${system.run.page}\n`);
};

/** `darkroom ingest PATH…`: starts the system unless it runs, sends everything, waits for every verdict, stops what it started. */
export const ingestCommand = async (paths: readonly string[], options: IngestCommandOptions): Promise<number> => {
  const files = await collectFiles(paths.map(userPath));
  const system = await ensureSystem(options);
  const stop = listen(system);
  const progress = options.json === true ? silent : createProgress(files);
  try {
    const report = await ingest(files, {
      api: system.run.api,
      token: system.run.token,
      journal: openJournal(options.data),
      concurrency: options.concurrency,
      patienceSeconds: options.timeout,
      duplicates: options.dedupe === false ? 'each' : 'once',
      signal: stop.signal,
      onProgress: progress.update,
    });
    progress.stop();
    print(report, system, options);
    return exitCodeOf(report);
  } finally {
    progress.stop();
    await system.stop();
    stop.release();
  }
};
