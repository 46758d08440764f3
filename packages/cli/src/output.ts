import cliProgress from 'cli-progress';
import type { IngestedFile, IngestReport } from './ingest/report.ts';

/** `3.5 MB`, `92 kB`, `640 B`: decimal units, as operating systems show files. */
export const bytes = (count: number): string => {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${Math.round(count / 1000)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
};

/** Columns padded to their widest cell; the first left-aligned, the rest as given. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** What a viewer on the web gets instead of the original: the widest AVIF. */
const served = (result: IngestedFile): number | undefined =>
  result.variants.filter((variant) => variant.format === 'avif').sort((a, b) => b.width - a.width)[0]?.bytes;

const saved = (result: IngestedFile): string => {
  const now = served(result);
  if (now === undefined) return '';
  return `${bytes(result.bytes)} → ${bytes(now)} (${Math.round((now / result.bytes - 1) * 100)} %)`;
};

/** File, status, time, variants, bytes saved: one row an image, then one line of totals. */
export const reportTable = (report: IngestReport): string => {
  const rows = report.results.map((result) => [
    result.file,
    result.reason === null ? result.status : `${result.status} ${result.reason}`,
    `${result.ms} ms`,
    String(result.variants.length),
    saved(result),
  ]);
  const totals = `${report.images} images: ${report.ready} ready, ${report.rejected} rejected, ${report.failed} failed, ${report.lost} lost in ${report.seconds.toFixed(1)} s`;
  return `${table([['file', 'status', 'time', 'variants', 'original → widest AVIF'], ...rows])}\n\n${totals}\n`;
};

export interface Progress {
  readonly update: (step: 'sent' | 'done', result: { file: string; bytes: number; status?: string }) => void;
  readonly stop: () => void;
}

/** Bars on a terminal, a line an image elsewhere. Always on stderr: stdout is for results. */
export const createProgress = (total: number, stream: NodeJS.WriteStream = process.stderr): Progress => {
  if (!stream.isTTY) {
    let done = 0;
    return {
      update: (step, result) => {
        if (step === 'sent') return;
        done += 1;
        stream.write(`${done}/${total} ${result.status ?? ''} ${result.file}\n`);
      },
      stop: () => undefined,
    };
  }
  const bars = new cliProgress.MultiBar(
    { stream, hideCursor: true, format: '{name} {bar} {value}/{total}  {file}' },
    cliProgress.Presets.shades_classic,
  );
  const sent = bars.create(total, 0, { name: 'sent ', file: '' });
  const ready = bars.create(total, 0, { name: 'ready', file: '' });
  return {
    update: (step, result) => (step === 'sent' ? sent : ready).increment(1, { file: result.file }),
    stop: () => {
      // Stopping twice would move the cursor into what was printed since.
      if (bars.isActive) bars.stop();
    },
  };
};

/** No progress at all: `--json` promises one object and nothing else. */
export const silent: Progress = { update: () => undefined, stop: () => undefined };
