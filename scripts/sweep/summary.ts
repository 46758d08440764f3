import { relative } from 'node:path';
import { renderTable } from '../package/table.ts';
import { MOST_MEGABYTES, MOST_MILLISECONDS, type Row } from './model.ts';

export interface Summary {
  readonly files: number;
  readonly ready: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly failed: number;
  readonly worstMilliseconds: number;
  readonly worstMegabytes: number;
  /** Of the files that became READY: those whose verdict took no more than the first 64 KiB. */
  readonly validatedWithin64KiB: number;
  /** What breaks a promise: file → why. */
  readonly complaints: readonly { readonly file: string; readonly why: string }[];
}

const HEADER_BYTES = 65_536;

const complaintsOf = ({ outcome, milliseconds, cpuMilliseconds, peakMegabytes, faults }: Row): readonly string[] => [
  ...(outcome.status === 'FAILED' ? [`FAILED: ${outcome.error}`] : []),
  ...(milliseconds > MOST_MILLISECONDS ? [`took ${milliseconds} ms, ${cpuMilliseconds} ms of CPU`] : []),
  ...(peakMegabytes > MOST_MEGABYTES ? [`took ${peakMegabytes} MB`] : []),
  ...faults,
];

const countBy = (values: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values.toSorted()) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

/** What the rows come to. With `photographs`, a rejection breaks a promise, too. */
export const summarise = (rows: readonly Row[], { photographs }: { photographs: boolean }): Summary => {
  const ready = rows.filter(({ outcome }) => outcome.status === 'READY');
  const codes = rows.flatMap(({ outcome }) => (outcome.status === 'REJECTED' ? [outcome.code] : []));
  const complaints = rows.flatMap((row) => {
    const refused = photographs && row.outcome.status === 'REJECTED' ? [`REJECTED: ${row.outcome.code}`] : [];
    return [...complaintsOf(row), ...refused].map((why) => ({ file: row.file, why }));
  });
  return {
    files: rows.length,
    ready: ready.length,
    rejected: countBy(codes),
    failed: rows.length - ready.length - codes.length,
    worstMilliseconds: Math.max(0, ...rows.map(({ milliseconds }) => milliseconds)),
    worstMegabytes: Math.max(0, ...rows.map(({ peakMegabytes }) => peakMegabytes)),
    validatedWithin64KiB:
      ready.length === 0 ? 1 : ready.filter(({ headerBytes }) => headerBytes <= HEADER_BYTES).length / ready.length,
    complaints,
  };
};

const worst = (rows: readonly Row[], by: (row: Row) => number, root: string): string[][] =>
  [...rows]
    .sort((a, b) => by(b) - by(a))
    .slice(0, 5)
    .map((row) => [
      `${row.milliseconds} ms`,
      `${row.cpuMilliseconds} ms`,
      `${row.peakMegabytes} MB`,
      row.outcome.status,
      relative(root, row.file),
    ]);

/** The summary for people: counts, the slowest and largest files, and everything that breaks a promise. */
export const printSummary = (summary: Summary, rows: readonly Row[], root: string): string =>
  [
    renderTable(
      ['outcome', 'files'],
      [
        ['READY', String(summary.ready)],
        ...Object.entries(summary.rejected).map(([code, count]) => [`REJECTED ${code}`, String(count)]),
        ['FAILED', String(summary.failed)],
        ['all', String(summary.files)],
      ],
    ),
    '',
    `READY files validated within 64 KiB: ${(100 * summary.validatedWithin64KiB).toFixed(1)} %`,
    '',
    'slowest and largest:',
    renderTable(
      ['wall', 'CPU', 'peak', 'outcome', 'file'],
      [
        ...worst(rows, ({ milliseconds }) => milliseconds, root),
        ...worst(rows, ({ peakMegabytes }) => peakMegabytes, root),
      ],
    ),
    '',
    ...summary.complaints.map(({ file, why }) => `${relative(root, file)}: ${why}`),
    `${summary.complaints.length} complaints`,
    '',
  ].join('\n');
