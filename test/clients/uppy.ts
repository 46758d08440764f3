import { writeSync } from 'node:fs';
import { bytesOf } from '../support/bytes.ts';
import { fileOf } from './browser.ts';

/** What a test asks of one run of Uppy, as JSON in `UPPY_JOB`. */
export interface UppyJob {
  /** `http://…/u/{token}` */
  readonly endpoint: string;
  readonly files: readonly { name: string; type: string; size: number; seed: number; meta?: Record<string, unknown> }[];
  readonly multipart: boolean;
  /** How often the user presses "retry" while files have failed. */
  readonly retries: number;
  /** `pause`, `cancel`: once the first part is there. `crash`: then the process ends without another word. */
  readonly act?: 'pause' | 'cancel' | 'crash';
  /** What a crashed run left for the next one (Golden Retriever keeps it in a browser). */
  readonly restore?: { key: string; uploadId: string };
}

/** One line of JSON on stdout. */
export interface UppyReport {
  readonly files: readonly { name: string; error: string | null; uploadURL: string | null; key: string | null }[];
  /** Presses of "retry" that were needed. */
  readonly retries: number;
  /** Parts that were sent, counting repeats. */
  readonly parts: number;
  /** State of the multipart upload of the first file. */
  readonly state: { key?: string; uploadId?: string } | null;
}

interface UppyFile {
  readonly id: string;
  readonly name: string;
  readonly error?: string | null;
  readonly uploadURL?: string;
  readonly response?: { readonly body?: { readonly key?: string } };
  readonly s3Multipart?: { key?: string; uploadId?: string };
}

/** As much of Uppy as all three versions have in common. */
export interface UppyLike {
  addFile(file: { name: string; type: string; data: unknown; meta?: Record<string, unknown> }): string;
  setFileState(id: string, state: object): void;
  getFiles(): UppyFile[];
  getFile(id: string): UppyFile;
  on(event: string, listener: (...args: never[]) => void): unknown;
  upload(): Promise<unknown>;
  retryAll(): Promise<unknown>;
  pauseAll(): void;
  resumeAll(): void;
  cancelAll(): void;
}

const reportOf = (uppy: UppyLike, retries: number, parts: number): UppyReport => {
  const files = uppy.getFiles();
  return {
    files: files.map(({ name, error, uploadURL, response }) => ({
      name,
      error: error ?? null,
      uploadURL: uploadURL ?? null,
      key: response?.body?.key ?? null,
    })),
    retries,
    parts,
    state: files[0]?.s3Multipart ?? null,
  };
};

const print = (report: UppyReport): void => {
  // At once: the process may be gone in the next moment.
  writeSync(1, `${JSON.stringify(report)}\n`);
};

// Uppy 4 and 5 give a failed upload up without waiting for the answer; a browser only logs it when that fails, too.
process.on('unhandledRejection', (error) => void process.stderr.write(`${String(error)}\n`));

/** Runs the job of the environment with an Uppy that `create` has given its S3 plugin. */
export const runUppy = async (create: (endpoint: string, multipart: boolean) => UppyLike): Promise<void> => {
  const job = JSON.parse(process.env['UPPY_JOB'] ?? '') as UppyJob;
  const uppy = create(job.endpoint, job.multipart);
  for (const { name, type, size, seed, meta } of job.files) {
    const data = fileOf(name, type, bytesOf(size, seed));
    const id = uppy.addFile({ name, type, data, ...(meta && { meta }) });
    if (job.restore) uppy.setFileState(id, { s3Multipart: job.restore });
  }

  let parts = 0;
  const atFirstPart: Record<NonNullable<UppyJob['act']>, () => void> = {
    pause: () => {
      uppy.pauseAll();
      // A turn of the event loop lets what was under way be given up.
      setTimeout(() => uppy.resumeAll(), 50);
    },
    cancel: () => uppy.cancelAll(),
    crash: () => {
      print(reportOf(uppy, 0, parts));
      process.kill(process.pid, 'SIGKILL');
    },
  };
  uppy.on('s3-multipart:part-uploaded', () => {
    parts += 1;
    if (parts === 1 && job.act) atFirstPart[job.act]();
  });

  // A file that fails fails the promise, too; what came of each is in the state.
  const settled = (run: Promise<unknown>) =>
    run.then(
      () => undefined,
      () => undefined,
    );
  await settled(uppy.upload());
  let retries = 0;
  while (retries < job.retries && uppy.getFiles().some(({ error }) => Boolean(error))) {
    retries += 1;
    await settled(uppy.retryAll());
  }
  print(reportOf(uppy, retries, parts));
  // Idle connections would keep the process for seconds; what a cancelled upload still says to the API, it may say.
  if (job.act !== 'cancel') process.exit(0);
};
