import { spawn, type ChildProcess } from 'node:child_process';
import type { Log } from '../service.ts';

/**
 * Reads `+ PID` and `- PID` lines; when its input ends, which it does even when its parent is killed with -9, it kills what is
 * left. Functions that wait notice the end of their channel by themselves; one that never yields to its event loop does not.
 */
const SCRIPT = `
pids=
while read -r change pid; do
  rest=
  for known in $pids; do [ "$known" = "$pid" ] || rest="$rest $known"; done
  [ "$change" = + ] && rest="$rest $pid"
  pids=$rest
done
[ -z "$pids" ] || kill -9 $pids
`;

/** A shell of one megabyte that outlives this process by a moment and ends the functions it leaves behind. */
export class Reaper {
  readonly #log: Log;
  #shell: ChildProcess | undefined;
  #isClosed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** From now on the process will not outlive us. */
  watch(pid: number | undefined, exited: Promise<void>): void {
    if (pid === undefined) return;
    this.#tell(`+ ${String(pid)}\n`);
    void exited.then(() => {
      this.#tell(`- ${String(pid)}\n`);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #tell(line: string): void {
    if (this.#isClosed) return;
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(line);
  }

  #start(): ChildProcess {
    // A group of its own: `kill -9` of ours must leave it alive.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
    const warn = (error: Error): void => {
      this.#log('warn', 'functions may outlive a kill -9 of this process', { error: error.message });
    };
    shell.once('error', warn);
    shell.stdin.once('error', warn);
    shell.unref();
    return shell;
  }
}
