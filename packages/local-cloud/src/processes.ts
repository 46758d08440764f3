import { readFileSync } from 'node:fs';

/** A process by its id and the moment it began, so that an id given out again is not taken for the old process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot; empty where there is no /proc, and then the id alone must do. */
  readonly startedAt: string;
}

/** State and start of a process, proc_pid_stat(5) fields 3 and 22. */
const statOf = (pid: number): { state: string; startedAt: string } | undefined => {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The second field is a name in brackets that may hold anything, so fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
  } catch {
    // No such process, or no /proc on this system.
    return undefined;
  }
};

export const identityOf = (pid: number): ProcessIdentity => ({ pid, startedAt: statOf(pid)?.startedAt ?? '' });

/** True while the very same process runs. A killed process whose parent has not reaped it (state Z) does not. */
export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = statOf(pid);
  if (stat === undefined) return true;
  return stat.state !== 'Z' && stat.state !== 'X' && (startedAt === '' || stat.startedAt === startedAt);
};
