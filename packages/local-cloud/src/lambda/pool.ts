import { ExecutionEnvironment, type EnvironmentOptions, type Invocation, type Outcome } from './environment.ts';

/** Lambda keeps idle environments for minutes; on one machine memory is worth more. */
const IDLE_MS = 60_000;

/**
 * The execution environments of one function: made on demand up to a maximum, reused last-in first-out so that the rest falls
 * idle and is reaped. Past the maximum invocations wait in order (Lambda would throttle and its callers retry).
 */
export class FunctionPool {
  readonly maximum: number;
  readonly #options: EnvironmentOptions;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #waiting: ((environment: ExecutionEnvironment | undefined) => void)[] = [];
  #isClosed = false;

  constructor(options: EnvironmentOptions, maximum: number) {
    this.#options = options;
    this.maximum = maximum;
  }

  get environments(): readonly ExecutionEnvironment[] {
    return [...this.#all];
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async invoke(invocation: Invocation): Promise<Outcome> {
    const environment = await this.#acquire();
    if (!environment)
      return {
        failure: {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${invocation.requestId} Error: the system is stopping`,
        },
      };
    try {
      return await environment.invoke(invocation);
    } finally {
      this.#release(environment);
    }
  }

  /** Starts one environment before it is needed. */
  warm(): void {
    if (this.#all.size === 0 && !this.#isClosed) this.#idle.push(this.#start());
  }

  /** Ends environments that have had nothing to do. @param now monotonic milliseconds */
  reap(now: number): void {
    while (this.#idle[0] && now - this.#idle[0].idleSince > IDLE_MS) this.#idle.shift()?.kill();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    for (const environment of this.#all) environment.kill();
    await Promise.all([...this.#all].map(({ exited }) => exited));
  }

  #start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#options);
    this.#all.add(environment);
    void environment.exited.then(() => {
      this.#forget(environment);
    });
    return environment;
  }

  #forget(environment: ExecutionEnvironment): void {
    this.#all.delete(environment);
    const position = this.#idle.indexOf(environment);
    if (position !== -1) this.#idle.splice(position, 1);
    this.#serveNext();
  }

  #acquire(): Promise<ExecutionEnvironment | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    const idle = this.#idle.pop();
    if (idle?.isUsable) return Promise.resolve(idle);
    if (this.#all.size < this.maximum) return Promise.resolve(this.#start());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(environment: ExecutionEnvironment): void {
    if (!environment.isUsable) return;
    const next = this.#waiting.shift();
    if (next) next(environment);
    else this.#idle.push(environment);
  }

  /** A place became free because a process ended. */
  #serveNext(): void {
    if (this.#waiting.length === 0 || this.#all.size >= this.maximum || this.#isClosed) return;
    this.#waiting.shift()?.(this.#start());
  }
}
