import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataDir } from '../data-dir.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../processes.ts';
import { CloudError, hasCode, messageOf } from './errors.ts';

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    // Gone in this very moment, or cut off by a crash while it was written: nobody holds it.
    return undefined;
  }
}

function tryLink(temporary: string, file: string): boolean {
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function acquire(dataDir: string): () => void {
  makeDataDir(dataDir);
  const file = join(dataDir, 'lock');
  const temporary = join(dataDir, `lock.${String(process.pid)}`);
  writeFileSync(temporary, JSON.stringify(identityOf(process.pid)));
  try {
    // Twice: the second time after the lock of a dead process has been removed.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (tryLink(temporary, file)) {
        return () => {
          rmSync(file, { force: true });
        };
      }
      const holder = readHolder(file);
      if (holder && isAlive(holder)) {
        throw new CloudError(
          'DATA_DIR_IN_USE',
          `expected a data folder that no other process uses but received ${dataDir}, which process ${String(holder.pid)} uses`,
        );
      }
      rmSync(file, { force: true });
    }
    throw new CloudError(
      'DATA_DIR_IN_USE',
      `expected a data folder that no other process uses but received ${dataDir}, which another process has just taken`,
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Takes a data folder for this process, making it if needed; the lock of a dead process is taken over.
 * @returns a function that gives it back
 * @throws CloudError DATA_DIR_IN_USE, DATA_DIR_UNWRITABLE
 */
export function lockDataDir(dataDir: string): () => void {
  try {
    return acquire(dataDir);
  } catch (cause) {
    if (cause instanceof CloudError) throw cause;
    throw new CloudError(
      'DATA_DIR_UNWRITABLE',
      `expected a data folder that can be written but received ${dataDir}: ${messageOf(cause)}`,
      { cause },
    );
  }
}
