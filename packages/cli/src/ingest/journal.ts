import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResumeRecord, ResumeStore } from '@darkroom/client/node';
import * as z from 'zod';

const entrySchema = z.object({
  path: z.string(),
  sha256: z.string(),
  imageId: z.string(),
  uploadToken: z.string(),
  /** `created`: the API named it. `sent`: storage has the bytes. `done`: it was seen READY, REJECTED, REVIEW or FAILED. */
  state: z.enum(['created', 'sent', 'done']),
  /** Milliseconds since the epoch, when the upload token ends. Entries of earlier versions lack it and the rest. */
  expiresAt: z.number().optional(),
  name: z.string().nullable().optional(),
  type: z.string().optional(),
  size: z.number().optional(),
});
export type JournalEntry = z.infer<typeof entrySchema>;

/** What makes a file the same as another: its bytes; with its path where every path shall be an image of its own. */
export interface FileKey {
  readonly sha256: string;
  readonly path: string;
}

/**
 * What has been uploaded from where, so that a killed or repeated `ingest` sends nothing twice. One JSON line an event,
 * appended before the next step is taken; the last line of a file wins. It is also where the upload client remembers uploads under way:
 * a file each would be thousands of files, and a second truth.
 */
export interface Journal {
  /** The last upload of these bytes; `anyPath`: from wherever they came. */
  readonly find: (key: FileKey, anyPath: boolean) => JournalEntry | undefined;
  readonly record: (entry: JournalEntry) => void;
  /** The store of the upload client for one run against `api`; its fingerprints are those of `fingerprintOf`. */
  readonly store: (api: string, anyPath: boolean) => ResumeStore;
}

/** What the upload client calls a file: 64 hex digits of its hash, a space, its path. */
export const fingerprintOf = ({ sha256, path }: FileKey): string => `${sha256} ${path}`;

const keyOfFingerprint = (fingerprint: string): FileKey => ({
  sha256: fingerprint.slice(0, 64),
  path: fingerprint.slice(65),
});

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

const toRecord = (entry: JournalEntry, fingerprint: string, api: string): ResumeRecord | undefined => {
  const { imageId, uploadToken, expiresAt, name = null, type, size } = entry;
  if (expiresAt === undefined || type === undefined || size === undefined) return undefined;
  // The folder is the system's own; only its ports may be others since.
  return { fingerprint, api, imageId, uploadToken, expiresAt, name, type, size };
};

export const openJournal = (dataDir: string): Journal => {
  const dir = join(dataDir, 'ingest');
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'journal.jsonl');
  // By bytes and path, and by bytes alone.
  const entries = new Map<string, JournalEntry>();
  const keep = (entry: JournalEntry): void => {
    entries.set(fingerprintOf(entry), entry);
    entries.set(entry.sha256, entry);
  };
  // Whoever can read it could send other bytes in place of those it names: upload tokens are secrets.
  const append = (text: string): void => appendFileSync(path, text, { mode: 0o600 });
  for (const entry of readLines(path).map(parseLine)) if (entry !== undefined) keep(entry);
  // A cut-off last line must not swallow the next one.
  if (entries.size > 0) append('\n');

  const find: Journal['find'] = (key, anyPath) => entries.get(anyPath ? key.sha256 : fingerprintOf(key));
  const record: Journal['record'] = (entry) => {
    keep(entry);
    append(`${JSON.stringify(entry)}\n`);
  };

  const store: Journal['store'] = (api, anyPath) => {
    // Removed for this run only: a crash between the last byte and the line `sent` must find its upload again, or it would make a second image.
    const removed = new Set<string>();
    const get = (fingerprint: string): ResumeRecord | undefined => {
      const entry = removed.has(fingerprint) ? undefined : find(keyOfFingerprint(fingerprint), anyPath);
      return entry === undefined ? undefined : toRecord(entry, fingerprint, api);
    };
    return {
      get: (fingerprint) => Promise.resolve(get(fingerprint)),
      put: ({ fingerprint, imageId, uploadToken, expiresAt, name, type, size }) => {
        removed.delete(fingerprint);
        const key = keyOfFingerprint(fingerprint);
        record({ ...key, imageId, uploadToken, state: 'created', expiresAt, name, type, size });
        return Promise.resolve();
      },
      remove: (fingerprint) => {
        removed.add(fingerprint);
        return Promise.resolve();
      },
      // `ingest` asks for the files it is given, never for what else was under way.
      list: () => Promise.resolve([]),
    };
  };
  return { find, record, store };
};
