import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bundle } from './bundle.ts';
import { exited, outOfMemory, timedOut, type FunctionFailure } from './failures.ts';
import type { FunctionSpec } from './spec.ts';

/** Answer of one invocation; `payload` is JSON text. */
export type Outcome = { readonly payload: string } | { readonly failure: FunctionFailure };

export interface Invocation {
  readonly requestId: string;
  /** JSON text */
  readonly event: string;
  /** Told of each piece of a streamed answer; without it such an answer is lost. */
  readonly onChunk?: OnChunk;
}

/** A piece of a streamed answer, with the content type that the function gave the whole. */
export type OnChunk = (chunk: Buffer, contentType: string) => void;

export interface EnvironmentOptions {
  readonly spec: FunctionSpec;
  readonly bundle: Bundle;
  /** Complete environment of the process; the parent's is not inherited. */
  readonly variables: Readonly<Record<string, string>>;
  /** A new sink for the output of one process. */
  readonly makeSink: () => (chunk: Buffer) => void;
  /** Told of every process that starts. */
  readonly onStart: (pid: number | undefined, exited: Promise<void>) => void;
}

type ChildMessage =
  | { ready: true }
  | { initError: FunctionFailure }
  | { id: string; chunk: Uint8Array; contentType: string }
  | { id: string; payload: string }
  | { id: string; error: FunctionFailure; dying?: boolean };

interface Running {
  readonly requestId: string;
  readonly settle: (outcome: Outcome) => void;
  readonly onChunk: OnChunk | undefined;
  timer: NodeJS.Timeout | undefined;
}

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** Lambda gives initialisation 10 s; a loaded developer machine gets more before the function is called broken. */
const INIT_TIMEOUT_MS = 60_000;

/** Lambda's own shares of the function's memory for V8's old and young generation, in percent. */
const OLD_SPACE_PERCENT = 90;
const SEMI_SPACE_PERCENT = 5;

const PAGE_BYTES = 4096;

/** One child process that runs one invocation at a time and dies with its function's faults. */
export class ExecutionEnvironment {
  readonly spec: FunctionSpec;
  readonly #child: ChildProcess;
  readonly #ready: Promise<FunctionFailure | undefined>;
  readonly exited: Promise<void>;
  #running: Running | undefined;
  #isDead = false;
  #isDying = false;
  #killedFor: 'timeout' | 'memory' | undefined;
  /** Milliseconds on the monotonic clock since which it has nothing to do. */
  idleSince = performance.now();

  constructor(options: EnvironmentOptions) {
    const { spec, bundle } = options;
    this.spec = spec;
    this.#child = fork(CHILD, [bundle.file, bundle.exportName, bundle.compileCache], {
      cwd: spec.directory,
      env: { ...options.variables },
      execArgv: [
        `--max-old-space-size=${String(Math.floor((spec.memoryMb * OLD_SPACE_PERCENT) / 100))}`,
        `--max-semi-space-size=${String(Math.max(1, Math.floor((spec.memoryMb * SEMI_SPACE_PERCENT) / 100)))}`,
      ],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#child.stdout?.on('data', options.makeSink());
    this.#child.stderr?.on('data', options.makeSink());
    this.exited = this.#whenExited();
    this.#ready = this.#whenReady();
    options.onStart(this.pid, this.exited);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False once the process has ended or is about to: it must not be given another invocation. */
  get isUsable(): boolean {
    return !this.#isDead && !this.#isDying;
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Runs one invocation to its end; never throws: every way to fail is an outcome. */
  async invoke({ requestId, event, onChunk }: Invocation): Promise<Outcome> {
    const initFailure = await this.#ready;
    if (initFailure) {
      this.kill();
      return { failure: initFailure };
    }
    if (this.#isDead) return { failure: exited(requestId, this.#child.exitCode, this.#child.signalCode) };
    const timeoutMs = this.spec.timeoutSeconds * 1000;
    const outcome = await new Promise<Outcome>((resolve) => {
      const timer = setTimeout(() => {
        this.#kill('timeout');
      }, timeoutMs);
      this.#running = { requestId, settle: resolve, onChunk, timer };
      this.#child.send({ id: requestId, event, deadlineMs: Date.now() + timeoutMs, arn: this.spec.arn }, (error) => {
        // A broken channel is followed by the exit event, which settles the invocation.
        if (error) this.#child.kill('SIGKILL');
      });
    });
    this.idleSince = performance.now();
    return outcome;
  }

  /** Kills the process when it holds more memory than its function may. Does nothing where /proc is missing. */
  checkMemory(): void {
    const bytes = this.residentBytes();
    if (bytes !== undefined && bytes > this.spec.memoryMb * 1024 * 1024) this.#kill('memory');
  }

  residentBytes(): number | undefined {
    if (this.#isDead || this.pid === undefined) return undefined;
    try {
      const pages = Number(readFileSync(`/proc/${String(this.pid)}/statm`, 'latin1').split(' ')[1]);
      return pages * PAGE_BYTES;
    } catch {
      // Not Linux, or the process has just ended: there is nothing to measure.
      return undefined;
    }
  }

  /** Ends the process; an invocation in flight fails as Runtime.ExitError. */
  kill(): void {
    this.#isDying = true;
    this.#child.kill('SIGKILL');
  }

  #kill(reason: 'timeout' | 'memory'): void {
    this.#killedFor ??= reason;
    this.#isDying = true;
    this.#child.kill('SIGKILL');
  }

  #whenReady(): Promise<FunctionFailure | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve({
          errorType: 'Sandbox.Timedout',
          errorMessage: `Init of ${this.spec.name} timed out after ${String(INIT_TIMEOUT_MS / 1000)} seconds`,
        });
        this.kill();
      }, INIT_TIMEOUT_MS);
      const done = (failure?: FunctionFailure): void => {
        clearTimeout(timer);
        resolve(failure);
      };
      this.#child.on('message', (message: ChildMessage) => {
        if ('ready' in message) done();
        else if ('initError' in message) done(message.initError);
        else if ('chunk' in message) this.#pass(message);
        else this.#finish(message);
      });
      this.#child.once('error', (error) => {
        this.#isDying = true;
        done({
          errorType: 'Runtime.InvalidEntrypoint',
          errorMessage: `expected the process of ${this.spec.name} to start but received: ${error.message}`,
        });
      });
      void this.exited.then(() => {
        done(exited('init', this.#child.exitCode, this.#child.signalCode));
      });
    });
  }

  #whenExited(): Promise<void> {
    return new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        this.#isDead = true;
        const running = this.#running;
        if (running) this.#settle({ failure: this.#reasonOfDeath(running.requestId, code, signal) });
        resolve();
      };
      this.#child.once('exit', (code, signal) => {
        // Its last message may still be in the channel; the channel closes after it.
        if (this.#child.connected) {
          this.#child.once('disconnect', () => {
            end(code, signal);
          });
        } else end(code, signal);
      });
      this.#child.once('error', () => {
        end(1, null);
      });
    });
  }

  #reasonOfDeath(requestId: string, code: number | null, signal: string | null): FunctionFailure {
    if (this.#killedFor === 'timeout') return timedOut(requestId, this.spec.timeoutSeconds);
    if (this.#killedFor === 'memory') return outOfMemory(requestId);
    return exited(requestId, code, signal);
  }

  #pass({ id, chunk, contentType }: { id: string; chunk: Uint8Array; contentType: string }): void {
    if (this.#running?.requestId !== id) return;
    this.#running.onChunk?.(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), contentType);
  }

  #finish(message: { id: string; payload: string } | { id: string; error: FunctionFailure; dying?: boolean }): void {
    if ('dying' in message) this.#isDying = true;
    if (this.#running?.requestId !== message.id) return;
    this.#settle('payload' in message ? { payload: message.payload } : { failure: message.error });
  }

  #settle(outcome: Outcome): void {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    // What it wrote before it answered is in the pipes already, and is read in this turn of the loop: the log is whole when the invocation ends.
    setImmediate(() => running?.settle(outcome));
  }
}
