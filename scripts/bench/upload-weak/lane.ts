import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type HookMessage, type HookOptions, isHookMessage } from '../link/messages.ts';
import type { LinkProfile } from '../link/profiles.ts';
import { createLinkProxy, type LinkProxy } from '../link/proxy.ts';
import type { LinkCounters } from '../link/link.ts';
import type { ClientName } from './clients.ts';
import { giveUpAfter } from './plan.ts';
import type { BenchFile, ClientMessage, ClientSetup, Endpoints, SendMessage, StoredAt } from './protocol.ts';

/** One upload, measured. */
export interface Transfer {
  /** Null: given up, by the client or by the bench. */
  readonly stored: StoredAt | null;
  /** Simulated, as the client measured it; the whole patience for one that was given up. */
  readonly seconds: number;
  readonly counters: LinkCounters;
  /** Why it was given up. */
  readonly failure: string | null;
}

export interface LaneOptions {
  readonly socketPath: string;
  readonly client: ClientName;
  readonly endpoints: Endpoints;
  readonly profile: LinkProfile;
  readonly pace: number;
  /** Sent over a perfect link before anything is measured: loading and compiling code is not what is compared. */
  readonly warmUp: BenchFile;
}

/** A client's process with a link of its own. */
export interface Lane {
  /** Sends a file over a fresh link with this seed, by a client that knows nothing of the last one. */
  readonly send: (file: BenchFile, seed: string) => Promise<Transfer>;
  readonly close: () => Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** So fast that warming up costs nothing, and with nothing to learn from. */
const PERFECT = { up: 1e8, down: 1e8, roundTripMs: 1, jitterMs: 0, meanBytesBetweenResets: null, interruptions: [] };
/** A client that hangs on a perfect link would hang everywhere. */
const WARM_UP_MS = 120_000;

const startClient = async (options: LaneOptions, hear: (message: HookMessage) => void): Promise<ChildProcess> => {
  const { socketPath, endpoints, client, pace, profile } = options;
  const ports = [endpoints.api, endpoints.s3, endpoints.peer].map((url) => Number(new URL(url).port));
  const hook: HookOptions = { socketPath, ports, pace, sendBufferBytes: profile.sendBufferBytes };
  const setup: ClientSetup = { client, endpoints };
  const child = fork(here('client-process.ts'), {
    execArgv: ['--import', here('../link/hook.ts'), '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_OPTIONS: '', BENCH_LINK: JSON.stringify(hook), BENCH_CLIENT: JSON.stringify(setup) },
    // What peers print is nobody's report.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (message: object) => {
    if (isHookMessage(message)) hear(message);
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`expected the process of ${client} to start but it ended`);
    }),
  ]);
  return child;
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

interface Order {
  readonly file: BenchFile;
  readonly seed: string;
  readonly profile: LinkProfile;
  readonly limitMs: number;
}

/** One file through one process: resolves with its answer, or with undefined when its time is over or it died. */
const exchange = (child: ChildProcess, { file, limitMs }: Order, pace: number): Promise<ClientMessage | undefined> =>
  new Promise((resolve) => {
    const finish = (message?: ClientMessage): void => {
      if (message !== undefined && isHookMessage(message)) return;
      clearTimeout(timer);
      child.off('message', finish);
      child.off('exit', die);
      resolve(message);
    };
    const die = (): void => finish();
    const timer = setTimeout(die, limitMs / pace);
    child.on('message', finish);
    child.once('exit', die);
    child.send({ send: file } satisfies SendMessage);
  });

const measure = (answer: ClientMessage | undefined, counters: LinkCounters, limitMs: number): Transfer => {
  if (answer !== undefined && 'stored' in answer)
    return { stored: answer.stored, seconds: answer.milliseconds / 1000, counters, failure: null };
  const failure = answer !== undefined && 'failed' in answer ? answer.failed : 'time is over';
  return { stored: null, seconds: limitMs / 1000, counters, failure };
};

export const createLane = async (options: LaneOptions): Promise<Lane> => {
  let child: ChildProcess | undefined;
  const proxy: LinkProxy = await createLinkProxy({
    socketPath: options.socketPath,
    tell: (message) => {
      if (child?.connected === true) child.send(message);
    },
  });

  const run = async (current: ChildProcess, order: Order): Promise<Transfer> => {
    proxy.begin(order.profile, order.seed, options.pace);
    const answer = await exchange(current, order, options.pace);
    const transfer = measure(answer, proxy.counters(), order.limitMs);
    if (transfer.stored !== null) return transfer;
    // Whatever still runs in it would fall into the next measurement.
    child = undefined;
    await ended(current);
    return transfer;
  };
  const ready = async (): Promise<ChildProcess> => {
    if (child !== undefined) return child;
    child = await startClient(options, (message) => proxy.hear(message));
    const profile = { ...PERFECT, sendBufferBytes: options.profile.sendBufferBytes };
    const warm = await run(child, { file: options.warmUp, seed: '', profile, limitMs: WARM_UP_MS * options.pace });
    if (warm.stored === null)
      throw new Error(`expected ${options.client} to send a file over a perfect link: ${String(warm.failure)}`);
    return child;
  };

  return {
    send: async (file, seed) => {
      const current = await ready();
      const { profile } = options;
      return run(current, { file, seed, profile, limitMs: giveUpAfter(file.size, profile) });
    },
    close: async () => {
      if (child !== undefined) await ended(child);
      await proxy.close();
    },
  };
};
