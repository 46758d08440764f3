import { collectFiles } from '../ingest/collect.ts';
import { openJournal } from '../ingest/journal.ts';
import { createProgress } from '../ingest/progress.ts';
import { ingest } from '../ingest/run.ts';
import type { SystemOptions } from '../options.ts';
import { reportTable } from '../output.ts';
import { samplesDir } from '../paths.ts';
import { ensureSystem, type RunningSystem } from '../system/start.ts';

const addresses = ({ run }: RunningSystem): string =>
  [
    '',
    `  page    ${run.page}`,
    `  api     ${run.api}/images`,
    `  health  ${run.api}/health`,
    `  cdn     ${run.cdn}`,
    `  aws     ${run.endpoint}`,
    '',
    `  token   ${run.token}`,
    '',
  ].join('\n');

/** What `npm start` does: the whole system, the sample photographs (once: the journal knows them), the URLs to open; then it stays. */
export const demo = async (options: SystemOptions): Promise<number> => {
  process.stderr.write('darkroom: starting\n');
  const system = await ensureSystem(options);
  const files = await collectFiles([samplesDir]);
  const progress = createProgress(files);
  const report = await ingest(files, {
    api: system.run.api,
    token: system.run.token,
    journal: openJournal(options.data),
    concurrency: 4,
    patienceSeconds: 120,
    onProgress: progress.update,
  });
  progress.stop();
  process.stdout.write(`\n${reportTable(report)}${addresses(system)}`);
  if (!system.started) {
    process.stdout.write('It was running already; `npm start -- down` ends it.\n');
    return 0;
  }
  process.stdout.write('Send your own: npm start -- ingest PATH…   Ctrl-C stops everything.\n');
  // The terminal's Ctrl-C reaches the system too; this process only waits until it has ended.
  const stop = () => void system.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await system.gone;
  return 0;
};
