import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '@darkroom/local-cloud/processes';
import * as z from 'zod';

const runSchema = z.object({
  /** Told apart from a later process with the same id by when it began. */
  process: z.object({ pid: z.int().positive(), startedAt: z.string() }),
  endpoint: z.url(),
  api: z.url().nullable(),
  cdn: z.url().nullable(),
  page: z.url().nullable(),
  /** Access token for the API, of tenant `default`. */
  token: z.string().nullable(),
  startedAt: z.string(),
});

/** A running system, as `up` writes it into the data folder for `ingest`, `status` and `down`. */
export type RunFile = z.infer<typeof runSchema>;

const runPath = (dataDir: string): string => join(dataDir, 'run.json');

export const writeRunFile = (dataDir: string, run: RunFile): void => {
  const path = runPath(dataDir);
  // Readable by its owner only: it holds an access token.
  writeFileSync(`${path}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

export const removeRunFile = (dataDir: string): void => rmSync(runPath(dataDir), { force: true });

/** The system that runs on this data folder, or undefined. A file left by a killed process does not count. */
export const readRunFile = (dataDir: string): RunFile | undefined => {
  let text: string;
  try {
    text = readFileSync(runPath(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const run = runSchema.safeParse(JSON.parse(text));
  return run.success && isAlive(run.data.process) ? run.data : undefined;
};
