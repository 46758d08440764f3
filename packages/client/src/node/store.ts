import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResumeRecord, ResumeStore } from '../contract.ts';

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const isRecord = (value: unknown): value is ResumeRecord =>
  typeof value === 'object' &&
  value !== null &&
  ['fingerprint', 'api', 'imageId', 'uploadToken', 'type'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'string',
  );

/** A record, or undefined when there is none or it was not written to its end by somebody else. */
const load = async (path: string): Promise<ResumeRecord | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/**
 * Remembers uploads in a folder, one JSON file each. A record is written beside its place and renamed into it, so that a crash
 * leaves the old one or the new one. Upload tokens are secrets: only the owner may read the folder.
 */
export const createFileStore = (folder: string): ResumeStore => {
  const pathOf = (fingerprint: string): string =>
    join(folder, `${createHash('sha256').update(fingerprint).digest('hex').slice(0, 32)}.json`);
  return {
    get: async (fingerprint) => {
      const record = await load(pathOf(fingerprint));
      return record?.fingerprint === fingerprint ? record : undefined;
    },
    put: async ({ blob: _, ...record }) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(record.fingerprint);
      const temporary = `${path}.${randomUUID()}.tmp`;
      await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
      await rename(temporary, path);
    },
    remove: async (fingerprint) => {
      await rm(pathOf(fingerprint), { force: true });
    },
    list: async () => {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const records = await Promise.all(
        // One that cannot be read is no reason to lose the others.
        names.filter((name) => name.endsWith('.json')).map((name) => load(join(folder, name)).catch(() => undefined)),
      );
      return records.filter((record) => record !== undefined);
    },
  };
};
