// One worker of the sweep: a path comes in, a report goes out, one after the other, until the parent lets go.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Report } from './model.ts';
import { processFile } from './process-file.ts';

/** Begins a new measurement of this process' peak memory, where the system can (Linux, proc(5), clear_refs). */
const resetPeak = (): void => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere the peak is that of all files so far; the parent asks a fresh process about high ones.
  }
};

const peakMegabytes = (): number => {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kibibytes !== undefined) return (Number(kibibytes) * 1024) / 1e6;
  } catch {
    // Not Linux.
  }
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
};

process.on('message', (path: string) => {
  void (async () => {
    resetPeak();
    const cpu = process.cpuUsage();
    const processed = await processFile(path, { compare: process.argv.includes('--compare') });
    const { user, system } = process.cpuUsage(cpu);
    const report: Report = {
      ...processed,
      // Of the functions alone; looking at the renditions is the sweep's own work.
      milliseconds: Object.values(processed.steps).reduce((sum, step) => sum + step, 0),
      cpuMilliseconds: Math.round((user + system) / 1000),
      peakMegabytes: Math.round(peakMegabytes()),
    };
    process.send?.(report);
  })();
});
process.on('disconnect', () => process.exit(0));
