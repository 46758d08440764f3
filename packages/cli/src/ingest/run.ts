import type { PublicImage } from '@darkroom/types/api';
import pLimit from 'p-limit';
import { createApiClient } from '../api/client.ts';
import { asCliError } from '../errors.ts';
import type { SourceFile } from './collect.ts';
import type { Journal } from './journal.ts';
import { describeFailure, describeImage, type IngestedFile, type IngestReport, summarise } from './report.ts';
import { uploadFile } from './upload.ts';
import { createWatcher, type Watcher } from './watch.ts';

export interface IngestOptions {
  readonly api: string;
  readonly token: string;
  readonly journal: Journal;
  /** Uploads at the same time. */
  readonly concurrency: number;
  /** Longest time without any image becoming terminal before the rest counts as lost, in seconds. */
  readonly patienceSeconds: number;
  readonly onProgress?: (step: 'sent' | 'done', result: { file: string; bytes: number; status?: string }) => void;
}

interface Run extends IngestOptions {
  readonly client: ReturnType<typeof createApiClient>;
  readonly watcher: Watcher;
}

/** The record tells when the image became terminal; we only saw it at the next poll. A foreign clock, or an earlier run, is not believed. */
const tookMs = (image: PublicImage, started: number, seen: number): number => {
  const told = Date.parse(image.updatedAt) - started;
  return told > 0 && told < seen ? told : seen;
};

const ingestOne = async (
  run: Run,
  file: SourceFile,
  slot: <T>(task: () => Promise<T>) => Promise<T>,
): Promise<IngestedFile> => {
  let started = Date.now();
  const elapsed = () => Date.now() - started;
  const outcome = await slot(() => {
    started = Date.now();
    return uploadFile({ api: run.client, journal: run.journal }, file);
  }).catch((error: unknown) => ({ kind: 'broken' as const, error: asCliError(error) }));

  if (outcome.kind === 'broken') {
    return describeFailure(file, {
      imageId: null,
      status: 'FAILED',
      reason: outcome.error.code,
      message: outcome.error.message,
      ms: elapsed(),
    });
  }
  if (outcome.kind === 'refused') {
    return describeFailure(file, {
      imageId: null,
      status: 'REJECTED',
      reason: outcome.code,
      message: outcome.message,
      ms: elapsed(),
    });
  }
  run.onProgress?.('sent', { file: file.name, bytes: file.size });
  const image = await run.watcher.terminal(outcome.entry.imageId);
  if (image === undefined) {
    const message = `no verdict came within ${run.patienceSeconds} s of the last one`;
    return describeFailure(file, {
      imageId: outcome.entry.imageId,
      status: 'LOST',
      reason: 'NO_VERDICT',
      message,
      ms: elapsed(),
    });
  }
  if (outcome.entry.state !== 'done') run.journal.record({ ...outcome.entry, state: 'done' });
  return describeImage(file, image, tookMs(image, started, elapsed()));
};

/** Uploads every file through the public API and waits until each image is terminal. Results keep the order of the files. */
export const ingest = async (files: readonly SourceFile[], options: IngestOptions): Promise<IngestReport> => {
  const started = performance.now();
  const client = createApiClient(options.api, options.token);
  const watcher = createWatcher(client, options.patienceSeconds * 1000);
  const run: Run = { ...options, client, watcher };
  const slot = pLimit(options.concurrency);
  try {
    const results = await Promise.all(
      files.map(async (file) => {
        const result = await ingestOne(run, file, slot);
        options.onProgress?.('done', { file: file.name, bytes: file.size, status: result.status });
        return result;
      }),
    );
    return summarise(results, (performance.now() - started) / 1000);
  } finally {
    watcher.stop();
  }
};
