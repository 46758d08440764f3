import type { UploadSource } from '../contract.ts';
import type { Api, Via } from './api.ts';
import { asError, UploadError } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Ledger } from './ledger.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';
import type { Patience } from './patience.ts';
import type { HashStream, Ports } from './ports.ts';

/** What the uploads of one uploader share. */
export interface Shared {
  readonly ports: Ports;
  readonly link: Link;
  readonly gate: Gate;
  readonly api: Api;
}

/** What the steps of one upload share, from its first byte to its last. */
export interface Job extends Shared {
  readonly source: UploadSource;
  /** Rank among the uploads of the uploader: the smaller goes first. */
  readonly order: number;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly patience: Patience;
  readonly whole: WholeHash;
  /** Bytes of every chunk, when the caller has chosen it; null to adapt. */
  readonly fixedChunk: number | null;
}

/** The hash of the whole file, taken from pieces as they pass by in order. */
export interface WholeHash {
  readonly stream: HashStream;
  /** Bytes hashed so far, from the start of the file. */
  upTo: number;
  /** Once all are. */
  hex: string | null;
}

/** A stretch of the file. Rejects with SOURCE_CHANGED when it can no longer be read as it was. */
export const readSource = async (
  source: UploadSource,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  const bytes = await source.read(start, end).catch((thrown: unknown) => {
    throw new UploadError('SOURCE_CHANGED', `expected to read the file but ${asError(thrown).message}`, {
      cause: thrown,
    });
  });
  if (bytes.length === end - start) return bytes;
  throw new UploadError(
    'SOURCE_CHANGED',
    `expected ${end - start} bytes at ${start} of the file but received ${bytes.length}`,
  );
};

export const viaOf = (job: Job, signal: AbortSignal): Via => ({
  signal,
  patience: job.patience,
  onRetry: job.meter.retried,
});
