/** What became of one file. */
export type Outcome =
  | { readonly status: 'READY'; readonly variants: number; readonly format: string; readonly megapixels: number }
  | { readonly status: 'REJECTED'; readonly code: string }
  | { readonly status: 'FAILED'; readonly error: string };

/** What a worker answers for one file. */
export interface Report {
  readonly outcome: Outcome;
  /** Bytes of the original that ValidateImage read. */
  readonly headerBytes: number;
  /** Wall time of each step, in milliseconds. */
  readonly steps: Readonly<Record<string, number>>;
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  /** Peak of the process while it worked on this file, in megabytes. */
  readonly peakMegabytes: number;
  /** What is in a rendition and should not be; empty when all is well. */
  readonly faults: readonly string[];
}

/** One file with what its worker said of it, or how that worker ended. */
export interface Row extends Report {
  readonly file: string;
}

/** Bounds that every file has to keep (docs/hostile-images.md, "Promises"). */
export const MOST_MILLISECONDS = 10_000;
export const MOST_MEGABYTES = 1_000;
