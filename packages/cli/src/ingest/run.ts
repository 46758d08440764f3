import { createNodeUploader, UploadError } from '@darkroom/client/node';
import { rejectCodes } from '@darkroom/types/codes';
import type { PublicImage } from '@darkroom/types/api';
import pLimit from 'p-limit';
import { createApiClient } from '../api/client.ts';
import { asCliError } from '../errors.ts';
import type { SourceFile } from './collect.ts';
import type { Journal } from './journal.ts';
import { describeFailure, describeImage, type IngestedFile, type IngestReport, summarise } from './report.ts';
import { type HashedFile, prepareFile, type Sender, uploadFile } from './upload.ts';
import { createWatcher, type Watcher } from './watch.ts';

/** What happens to a file while it happens. `moving`: so many of its bytes are in storage or on the way. */
export type IngestStep =
  | { readonly step: 'moving'; readonly file: SourceFile; readonly bytes: number }
  | { readonly step: 'sent'; readonly file: SourceFile }
  | { readonly step: 'done'; readonly file: SourceFile; readonly result: IngestedFile };

export interface IngestOptions {
  readonly api: string;
  readonly token: string;
  readonly journal: Journal;
  /** Uploads at the same time. */
  readonly concurrency: number;
  /** Longest time without progress of an upload, or without any image becoming terminal, before it counts as failed or lost, in seconds. */
  readonly patienceSeconds: number;
  /** `once` (default): files with the same bytes are one image. `each`: every path is an image of its own. */
  readonly duplicates?: 'once' | 'each';
  /** Stops: what is under way stays resumable, what is not sent is reported as INTERRUPTED. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: IngestStep) => void;
}

/** Files of a run by their bytes: the second with the same waits for the first, and is sent only if that one failed. */
type Twins = Map<string, { readonly name: string; readonly result: Promise<IngestedFile> }>;

interface Run extends IngestOptions {
  readonly sender: Sender;
  readonly watcher: Watcher;
  readonly stopped: AbortSignal;
  readonly twins: Twins;
}

/** The record tells when the image became terminal; we only saw it at the next poll. A foreign clock, or an earlier run, is not believed. */
const tookMs = (image: PublicImage, started: number, seen: number): number => {
  const told = Date.parse(image.updatedAt) - started;
  return told > 0 && told < seen ? told : seen;
};

/** Settles as `work` does, or rejects with the signal's reason as soon as that aborts. */
const unlessStopped = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });

const INTERRUPTED = { reason: 'INTERRUPTED', message: 'stopped before its end' } as const;

/** What a report says of a file that did not arrive. */
const failureOf = (run: Run, error: unknown): Pick<IngestedFile, 'reason' | 'message'> => {
  if (run.stopped.aborted) return INTERRUPTED;
  if (error instanceof UploadError) return { reason: error.code, message: error.message };
  const { code, message } = asCliError(error);
  return { reason: code, message };
};

interface Started {
  readonly file: SourceFile;
  readonly since: number;
}

const awaitVerdict = async (run: Run, { file, since }: Started, imageId: string): Promise<IngestedFile> => {
  const verdict = (outcome: Pick<IngestedFile, 'reason' | 'message'>): IngestedFile =>
    describeFailure(file, { imageId, status: 'LOST', ...outcome, ms: Date.now() - since });
  try {
    const image = await unlessStopped(run.stopped, run.watcher.terminal(imageId));
    if (image !== undefined) return describeImage(file, image, tookMs(image, since, Date.now() - since));
    const message = `no verdict came within ${run.patienceSeconds} s of the last one`;
    return verdict({ reason: 'NO_VERDICT', message });
  } catch {
    // Nothing but the stop rejects.
    return verdict(INTERRUPTED);
  }
};

interface Ingested {
  /** The place for an upload is free again once this settles; the verdict may come later. */
  readonly sent: Promise<unknown>;
  readonly result: Promise<IngestedFile>;
}

/** Sends a file whose bytes nobody in this run has sent. */
const ingestBytes = (run: Run, started: Started, hashed: HashedFile): Ingested => {
  const { file, since } = started;
  const outcome = unlessStopped(run.stopped, uploadFile(run.sender, hashed));
  const finish = async (): Promise<IngestedFile> => {
    try {
      const sent = await outcome;
      if (sent.kind === 'refused') {
        const { code: reason, message } = sent;
        return describeFailure(file, { imageId: null, status: 'REJECTED', reason, message, ms: Date.now() - since });
      }
      run.onProgress?.({ step: 'sent', file });
      const { entry } = sent;
      const result = await awaitVerdict(run, started, entry.imageId);
      if (result.status !== 'LOST' && entry.state !== 'done') run.journal.record({ ...entry, state: 'done' });
      return entry.path === file.path ? result : { ...result, duplicateOf: entry.path };
    } catch (error) {
      return describeFailure(file, {
        imageId: null,
        status: 'FAILED',
        ...failureOf(run, error),
        ms: Date.now() - since,
      });
    }
  };
  const result = finish();
  return { sent: outcome.catch(() => undefined), result };
};

const ingestHashed = (run: Run, started: Started, hashed: HashedFile): Ingested => {
  const { twins } = run;
  const { file } = started;
  const twin = run.duplicates === 'each' ? undefined : twins.get(hashed.sha256);
  if (twin === undefined) {
    const ingested = ingestBytes(run, started, hashed);
    twins.set(hashed.sha256, { name: file.name, result: ingested.result });
    return ingested;
  }
  const follow = async (): Promise<IngestedFile> => {
    const result = await twin.result;
    if (result.status === 'FAILED' && !run.stopped.aborted) return ingestBytes(run, started, hashed).result;
    return { ...result, file: file.name, duplicateOf: twin.name };
  };
  const result = follow();
  twins.set(hashed.sha256, { name: twin.name, result });
  return { sent: Promise.resolve(), result };
};

const ingestOne = async (run: Run, file: SourceFile): Promise<{ readonly result: Promise<IngestedFile> }> => {
  const started = { file, since: Date.now() };
  const end = (status: 'FAILED' | 'REJECTED', outcome: Pick<IngestedFile, 'reason' | 'message'>) => ({
    result: Promise.resolve(
      describeFailure(file, { imageId: null, status, ...outcome, ms: Date.now() - started.since }),
    ),
  });
  if (run.stopped.aborted) return end('FAILED', INTERRUPTED);
  // S3 and the API both refuse an empty file; asking them would say the same.
  if (file.size === 0) return end('REJECTED', { reason: 'EMPTY_FILE', message: rejectCodes.EMPTY_FILE });
  try {
    const { sent, result } = ingestHashed(run, started, await prepareFile(file, run.stopped));
    await sent;
    // In an object: a promise that is returned is waited for, and the place would stay taken until the verdict.
    return { result };
  } catch (error) {
    return end('FAILED', failureOf(run, error));
  }
};

/**
 * Uploads every file through the public API and waits until each image is terminal. Results keep the order of the files. Each file is
 * opened, hashed and sent only when its turn comes, so that thousands of them cost no more memory than `concurrency` do.
 */
export const ingest = async (files: readonly SourceFile[], options: IngestOptions): Promise<IngestReport> => {
  const began = performance.now();
  const { api, token, journal, concurrency, patienceSeconds, onProgress } = options;
  const stopped = options.signal ?? new AbortController().signal;
  const anyPath = options.duplicates !== 'each';
  const client = createApiClient(api, token);
  const watcher = createWatcher(client, patienceSeconds * 1000);
  const store = journal.store(api, anyPath);
  const uploader = createNodeUploader({ api, token, store, files: concurrency, patienceSeconds });
  const onBytes = (file: SourceFile, bytes: number) => onProgress?.({ step: 'moving', file, bytes });
  const sender: Sender = { api: client, uploader, journal, store, anyPath, onBytes };
  const run: Run = { ...options, sender, watcher, stopped, twins: new Map() };
  const slot = pLimit(concurrency);
  const ingestInTurn = async (file: SourceFile): Promise<IngestedFile> => {
    const { result } = await slot(() => ingestOne(run, file));
    onProgress?.({ step: 'done', file, result: await result });
    return result;
  };
  try {
    const results = await Promise.all(files.map(ingestInTurn));
    return summarise(results, (performance.now() - began) / 1000, stopped.aborted);
  } finally {
    // What is under way is paused, and stays resumable.
    uploader.close();
    watcher.stop();
  }
};
