import { adviceFor } from './ingest/advice.ts';
import type { IngestedFile, IngestReport } from './ingest/report.ts';

/** `3.5 MB`, `92 kB`, `640 B`: decimal units, as operating systems show files. */
export const bytes = (count: number): string => {
  if (count < 1000) return `${Math.round(count)} B`;
  if (count < 1_000_000) return `${Math.round(count / 1000)} kB`;
  return count < 1_000_000_000 ? `${(count / 1_000_000).toFixed(1)} MB` : `${(count / 1_000_000_000).toFixed(2)} GB`;
};

/** `43 s`, `12 min`, `3 h 5 min`, of seconds: no more precise than a guess is. */
export const duration = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** Columns padded to their widest cell; the first left-aligned, the rest as given. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, (row[column] ?? '').length), 0),
  );
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

const shrunk = (before: number, now: number): string =>
  `${bytes(before)} → ${bytes(now)} (${Math.round((now / before - 1) * 100)} %)`;

const saved = (result: IngestedFile): string => {
  const now = served(result);
  return now === undefined ? '' : shrunk(result.bytes, now);
};

/** More rows than a screen or two are read by nobody: a larger batch is summed up by status. */
const MOST_ROWS = 60;
/** Files listed a reason; the rest are counted, and all are in `--json`. */
const MOST_NAMES = 20;

const statusOf = ({ status, reason, duplicateOf }: IngestedFile): string =>
  [status, reason ?? '', duplicateOf === null ? '' : `= ${duplicateOf}`].filter(Boolean).join(' ');

const fileRows = (results: readonly IngestedFile[]): string[][] => [
  ['file', 'status', 'time', 'variants', 'original → widest AVIF'],
  ...results.map((result) => [
    result.file,
    statusOf(result),
    `${result.ms} ms`,
    String(result.variants.length),
    saved(result),
  ]),
];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const statusRow = (status: string, results: readonly IngestedFile[]): string[] => {
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  const developed = results.filter((result) => served(result) !== undefined);
  return [
    status,
    String(results.length),
    bytes(sum(results.map((result) => result.bytes))),
    `${times[times.length >> 1] ?? 0} ms`,
    String(sum(results.map(({ variants }) => variants.length))),
    developed.length === 0
      ? ''
      : shrunk(sum(developed.map((result) => result.bytes)), sum(developed.map((result) => served(result) ?? 0))),
  ];
};

const statusRows = (results: readonly IngestedFile[]): string[][] => {
  const kinds = Map.groupBy(results, ({ status, duplicateOf }) =>
    duplicateOf === null ? status : `${status}, duplicate`,
  );
  return [
    ['status', 'files', 'bytes', 'median time', 'variants', 'original → widest AVIF'],
    ...[...kinds].map(([status, of]) => statusRow(status, of)),
  ];
};

/** Everything that is not READY, by reason: what it is, what to do about it, which files. */
export const failureList = (results: readonly IngestedFile[]): string => {
  const failures = Map.groupBy(
    results.filter(({ status }) => status !== 'READY'),
    ({ reason }) => reason ?? 'INTERNAL',
  );
  const blocks = [...failures].map(([reason, of]) => {
    const names = of.slice(0, MOST_NAMES).map(({ file }) => `    ${file}`);
    const more = of.length > MOST_NAMES ? [`    and ${of.length - MOST_NAMES} more; --json lists all`] : [];
    return [`  ${reason}: ${of[0]?.message ?? ''}`, `  → ${adviceFor(reason)}`, ...names, ...more].join('\n');
  });
  return blocks.length === 0 ? '' : `Not ready:\n${blocks.join('\n')}\n\n`;
};

/** File by file, or by status for a large batch; what failed and what to do about it; one line of totals. */
export const reportTable = (report: IngestReport): string => {
  const { results } = report;
  const rows = results.length <= MOST_ROWS ? fileRows(results) : statusRows(results);
  const duplicates = report.duplicates === 0 ? '' : ` (${report.duplicates} of them duplicates)`;
  const review = report.review === 0 ? '' : `, ${report.review} in review`;
  const totals = `${report.images} images: ${report.ready} ready, ${report.rejected} rejected, ${report.failed} failed, ${report.lost} lost${review}${duplicates} in ${report.seconds.toFixed(1)} s`;
  return `${table(rows)}\n\n${failureList(results)}${totals}\n`;
};
