import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const entrySchema = z.object({
  path: z.string(),
  sha256: z.string(),
  imageId: z.string(),
  uploadToken: z.string(),
  /** `created`: the API named it. `sent`: storage has the bytes. `done`: it was seen READY, REJECTED or FAILED. */
  state: z.enum(['created', 'sent', 'done']),
});
export type JournalEntry = z.infer<typeof entrySchema>;

/**
 * What has been uploaded from where, so that a killed or repeated `ingest` sends nothing twice. One JSON line an event,
 * appended before the next step is taken; the last line of a file wins.
 */
export interface Journal {
  readonly find: (path: string, sha256: string) => JournalEntry | undefined;
  readonly record: (entry: JournalEntry) => void;
}

const keyOf = (entry: { path: string; sha256: string }): string => `${entry.sha256} ${entry.path}`;

const parseLine = (line: string): JournalEntry | undefined => {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    // The last line of a killed process may be cut off: that step is then simply done again.
    return undefined;
  }
};

const readLines = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

export const openJournal = (dataDir: string): Journal => {
  const dir = join(dataDir, 'ingest');
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'journal.jsonl');
  const entries = new Map<string, JournalEntry>();
  for (const entry of readLines(path).map(parseLine)) if (entry !== undefined) entries.set(keyOf(entry), entry);
  // A cut-off last line must not swallow the next one.
  if (entries.size > 0) appendFileSync(path, '\n');
  return {
    find: (file, sha256) => entries.get(keyOf({ path: file, sha256 })),
    record: (entry) => {
      entries.set(keyOf(entry), entry);
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
    },
  };
};
