import { cpus, totalmem } from 'node:os';

/** One measured thing: a name and figures whose names carry their unit (`imagesPerSecond`, `cpuSeconds`, `peakRssMegabytes`). */
export type Measurement = { readonly name: string } & Readonly<Record<string, number | string>>;

/** What every benchmark answers. The form is fixed: other tools read it. */
export interface BenchResult {
  readonly bench: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGigabytes: number;
    readonly node: string;
  };
  readonly input: Readonly<Record<string, number | string>>;
  readonly results: readonly Measurement[];
  readonly ratios: Readonly<Record<string, number>>;
}

export interface BenchOptions {
  /** Folder of photographs to use in place of the samples. */
  readonly images?: string;
  /** Progress and remarks, for people. */
  readonly say: (line: string) => void;
}

/** A benchmark. It measures its peer or floor in the same run, because machines differ and drift. */
export type Bench = (options: BenchOptions) => Promise<Omit<BenchResult, 'bench' | 'machine'>>;

export const machine = (): BenchResult['machine'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGigabytes: Math.round(totalmem() / 1e9),
  node: process.version,
});

/** The middle value; of an even number, the mean of the middle two. Throws RangeError for no values. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('expected at least one value for the median');
  return (upper + lower) / 2;
};

/** Three significant digits: more would claim a precision that a shared machine does not have. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
