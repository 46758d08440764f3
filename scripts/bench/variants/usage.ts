import { readFileSync, writeFileSync } from 'node:fs';

/** Linux counts times in /proc in ticks of 10 ms (USER_HZ) on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time in seconds of children that ended, from a `/proc/PID/stat` line: fields 16 and 17 (proc(5)). Throws RangeError for another text. */
export const childrenSeconds = (stat: string): number => {
  // The name, in brackets, may hold spaces and brackets itself; what follows its last bracket is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[13]), Number(fields[14])];
  if (!Number.isFinite(user + system)) throw new RangeError(`expected a line of /proc/PID/stat but received ${stat}`);
  return (user + system) / TICKS_PER_SECOND;
};

/** Highest resident set in bytes, from the text of `/proc/PID/status`. Throws RangeError when it has none. */
export const peakBytes = (status: string): number => {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new RangeError('expected VmHWM in /proc/PID/status but received none');
  return Number(kilobytes) * 1024;
};

/** User and system time of this process so far, in seconds, with that of its children that ended. */
export const cpuSecondsSoFar = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childrenSeconds(readFileSync('/proc/self/stat', 'utf8'));
};

/** Lets the peak start again at what is resident now (proc(5), clear_refs). */
export const resetPeak = (): void => {
  writeFileSync('/proc/self/clear_refs', '5');
};

export const peakSoFar = (): number => peakBytes(readFileSync('/proc/self/status', 'utf8'));
