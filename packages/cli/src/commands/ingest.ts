import { collectFiles } from '../ingest/collect.ts';
import { openJournal } from '../ingest/journal.ts';
import type { IngestReport } from '../ingest/report.ts';
import { ingest } from '../ingest/run.ts';
import type { SystemOptions } from '../options.ts';
import { createProgress, reportTable, silent } from '../output.ts';
import { userPath } from '../paths.ts';
import { ensureSystem } from '../system/start.ts';

export interface IngestCommandOptions extends SystemOptions {
  readonly keep?: boolean;
  readonly concurrency: number;
  readonly timeout: number;
}

/** Nothing lost, nothing failed: rejected is an answer, not a failure. */
export const exitCodeOf = (report: IngestReport): number => (report.lost === 0 && report.failed === 0 ? 0 : 1);

/** `darkroom ingest PATH…`: starts the system unless it runs, sends everything, waits for every verdict, stops what it started. */
export const ingestCommand = async (paths: readonly string[], options: IngestCommandOptions): Promise<number> => {
  const files = await collectFiles(paths.map(userPath));
  const system = await ensureSystem(options);
  const progress = options.json === true ? silent : createProgress(files.length);
  try {
    const report = await ingest(files, {
      api: system.run.api,
      token: system.run.token,
      journal: openJournal(options.data),
      concurrency: options.concurrency,
      patienceSeconds: options.timeout,
      onProgress: progress.update,
    });
    progress.stop();
    process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : `\n${reportTable(report)}`);
    if (options.json !== true && (options.keep === true || !system.started))
      process.stdout.write(`\nThe system is up: ${system.run.page}\n`);
    return exitCodeOf(report);
  } finally {
    progress.stop();
    await system.stop();
  }
};
