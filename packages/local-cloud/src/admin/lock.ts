import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudError, hasCode, messageOf } from './errors.ts';

/** A process by its id and the moment it began, so that an id given out again is not taken for the old process. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
}

/** Clock ticks since boot at which a process began; empty where there is no /proc, and then the id alone must do. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // No such process, or no /proc on this system.
    return '';
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) return false;
  }
  return startedAt === '' || startTimeOf(pid) === startedAt;
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
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
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'lock');
  const temporary = join(dataDir, `lock.${String(process.pid)}`);
  writeFileSync(temporary, JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid) }));
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
