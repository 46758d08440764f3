import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded } from '../../packages/client/test/support/random.ts';

/** What befalls a request: nothing; a reset before, in the middle of or after it; a server that is busy. */
export type Fault = 'none' | 'refuse' | 'cut' | 'loseAnswer' | 'busy';
const FAULTS: readonly Fault[] = ['refuse', 'cut', 'loseAnswer', 'busy'];

export interface ProxiedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** How many came before it. */
  readonly index: number;
}

/** A fault, or another path to ask the target for. */
export type Decision = Fault | { readonly path: string };

export interface FaultProxyOptions {
  /** `http://127.0.0.1:PORT` of the real server. */
  readonly target: string;
  /** The `Host` that the target is told: its own (default), which is the one in a signature, or the client's. */
  readonly host?: 'target' | 'client';
  /** Share of requests that fail, 0 to 1. Default 0. */
  readonly share?: number;
  /** Which requests fail, and how, follows from it (and from the order in which they come). Default 1. */
  readonly seed?: number;
  /** Decides instead of chance; undefined leaves it to chance. */
  readonly decide?: (request: ProxiedRequest) => Decision | undefined | Promise<Decision | undefined>;
  /** Texts to replace in JSON answers, such as the address of the storage by that of the proxy before it. */
  readonly rewrite?: Readonly<Record<string, string>>;
}

export interface FaultProxy {
  readonly url: string;
  /** Every request that came, and what befell it. */
  readonly log: readonly (ProxiedRequest & { readonly fault: Fault; readonly bytesIn: number })[];
  stop(): Promise<void>;
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly path: string;
  readonly fault: Fault;
  /** Bytes of the body after which a `cut` happens. */
  readonly cutAfter: number;
}

const rewritten = (text: string, rewrite: Readonly<Record<string, string>>): string =>
  Object.entries(rewrite).reduce((changed, [from, to]) => changed.replaceAll(from, to), text);

/** Hands the target's answer on; JSON as a whole, because addresses in it may change. */
const passAnswer = (from: IncomingMessage, { answer, fault }: Passage, rewrite: FaultProxyOptions['rewrite']): void => {
  from.on('error', () => answer.destroy());
  if (fault === 'loseAnswer') {
    from.resume();
    from.on('end', () => answer.destroy());
    return;
  }
  const isJson = (from.headers['content-type'] ?? '').includes('json');
  if (rewrite === undefined || !isJson) {
    answer.writeHead(from.statusCode ?? 502, from.headers);
    from.pipe(answer);
    return;
  }
  const chunks: Buffer[] = [];
  from.on('data', (chunk: Buffer) => chunks.push(chunk));
  from.on('end', () => {
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = from.headers;
    answer.writeHead(from.statusCode ?? 502, headers).end(rewritten(Buffer.concat(chunks).toString('utf8'), rewrite));
  });
};

const busy = (answer: ServerResponse): void => {
  const headers = { 'access-control-allow-origin': '*', 'content-type': 'application/xml', 'retry-after': '0' };
  answer
    .writeHead(503, headers)
    .end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
};

/**
 * A proxy before an HTTP server on which requests fail by a seed, and keeps signatures valid by telling the server its own Host.
 * Rejects when it cannot listen.
 */
export const startFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
  const target = new URL(options.target);
  const random = seeded(options.seed ?? 1);
  const log: { method: string; path: string; index: number; fault: Fault; bytesIn: number }[] = [];

  const chance = (): Fault => {
    const fails = random() < (options.share ?? 0);
    const fault = FAULTS[Math.floor(random() * FAULTS.length)] ?? 'refuse';
    return fails ? fault : 'none';
  };

  const forward = (passage: Passage, entry: { bytesIn: number }): void => {
    const { incoming, answer, path, fault, cutAfter } = passage;
    const headers = { ...incoming.headers, ...(options.host !== 'client' && { host: target.host }) };
    const order: RequestOptions = { host: target.hostname, port: target.port, method: incoming.method, path, headers };
    const outgoing = httpRequest(order, (from) => passAnswer(from, passage, options.rewrite));
    // Whatever goes wrong on the way to the target is a broken connection for the client, as on any link.
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => {
      if (!answer.writableFinished) outgoing.destroy();
    });
    incoming.on('data', (chunk: Buffer) => {
      entry.bytesIn += chunk.length;
      if (fault === 'cut' && entry.bytesIn > cutAfter) {
        outgoing.destroy();
        incoming.socket.destroy();
      }
    });
    incoming.pipe(outgoing);
    // A request without a body that is to be cut ends here.
    if (fault === 'cut' && cutAfter === 0) incoming.on('end', () => incoming.socket.destroy());
  };

  const handle = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const entry = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      index: log.length,
      fault: chance(),
      bytesIn: 0,
    };
    log.push(entry);
    const cutAfter = Math.floor(random() * Number(incoming.headers['content-length'] ?? 0));
    const decision: Decision = (await options.decide?.(entry)) ?? entry.fault;
    const isFault = typeof decision === 'string';
    entry.fault = isFault ? decision : 'none';
    const path = isFault ? entry.path : decision.path;
    if (entry.fault === 'refuse') incoming.socket.destroy();
    else if (entry.fault === 'busy') incoming.resume().on('end', () => busy(answer));
    else forward({ incoming, answer, path, fault: entry.fault, cutAfter }, entry);
  };

  const server = createServer((incoming, answer) => {
    // A test's own mistake in `decide` breaks the connection, so that the test fails by it.
    handle(incoming, answer).catch((error: unknown) => answer.destroy(error as Error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    log,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
