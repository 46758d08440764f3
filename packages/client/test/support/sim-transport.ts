import type { Link, LinkConnection } from '../../../../scripts/bench/link/link.ts';
import type { createManualTimeline } from '../../../../scripts/bench/link/timeline.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '../../src/contract.ts';
import { asError, NetworkError } from '../../src/core/errors.ts';
import type { CloudAnswer, CloudModel } from './cloud-model.ts';

/** Request line and headers of a presigned PUT, of a form, and of a call to the API, in bytes, as the embedded system's are. */
const HEAD = { put: 590, post: 2_600, api: 480 } as const;
const ANSWER_HEAD = 350;
/** A kept connection is closed after so long without use, in milliseconds. */
const IDLE_MS = 4_000;
/** Bytes that a program hands to its kernel at once. */
const WRITE = 8_192;
const ZEROS = Buffer.alloc(65_536);

export interface SimTransportOptions {
  readonly link: Link;
  readonly timeline: ReturnType<typeof createManualTimeline>;
  readonly model: CloudModel;
  readonly sendBufferBytes: number;
  /** Milliseconds that each answer takes the server. */
  readonly serverMs: number;
  /** One line a request, when it has ended: begin, end, what, offset, bytes, bytes that entered the link, outcome. */
  readonly onRequest: (line: string) => void;
  /** Counts requests by kind. */
  readonly counts: Record<string, number>;
}

interface Exchange {
  readonly request: HttpRequest;
  readonly total: number;
  readonly head: number;
  toSend: number;
  accepted: number;
  arrived: number;
  expected: number;
  got: number;
  answer: CloudAnswer | undefined;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: Error) => void;
}
interface Conn {
  link: LinkConnection;
  isOpen: boolean;
  isDead: boolean;
  filled: number;
  current: Exchange | undefined;
  connectMilliseconds: number | undefined;
  idleSince: number;
}

const kindOf = (url: string): keyof typeof HEAD => {
  if (!url.includes('/storage/')) return 'api';
  return url.endsWith('/form') ? 'post' : 'put';
};
const whatOf = ({ method, url }: HttpRequest): string => {
  const kind = kindOf(url);
  return kind === 'api' ? `${method} ${new URL(url).pathname.replace(/[0-9A-Z]{26}/, 'id')}` : kind;
};
const lengthOf = ({ body }: HttpRequest): number => {
  if (body === null) return 0;
  if (body instanceof FormData) return (body.get('file') as unknown as Blob).size;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
};

/** What the server makes of a request. */
const act = async (model: CloudModel, { body, method, url }: HttpRequest): Promise<CloudAnswer> => {
  if (body instanceof FormData) {
    const file = Buffer.from(await (body.get('file') as unknown as Blob).arrayBuffer());
    return model.answer({ method, url, bytes: Buffer.alloc(0), form: { key: body.get('key') as string, file } });
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? []);
  return model.answer({ method, url, bytes });
};

/** The connections of a client over the link: opened, kept, and gone. */
const createConnections = ({ link, timeline, model, sendBufferBytes, serverMs }: SimTransportOptions) => {
  const pools = new Map<string, Conn[]>();
  /** Work that runs in real time: simulated time waits for it. */
  let real = 0;

  const fill = (conn: Conn): void => {
    const exchange = conn.current;
    if (exchange === undefined || !conn.isOpen) return;
    while (exchange.toSend > 0 && conn.filled < sendBufferBytes) {
      const bytes = Math.min(WRITE, exchange.toSend, sendBufferBytes - conn.filled);
      exchange.toSend -= bytes;
      conn.filled += bytes;
      exchange.accepted += bytes;
      conn.link.fromClient(ZEROS.subarray(0, bytes));
      const sent = exchange.accepted - exchange.head;
      if (sent > 0) exchange.request.onProgress?.(sent);
    }
  };
  const serve = (conn: Conn, exchange: Exchange): void => {
    real += 1;
    void act(model, exchange.request).then((answer) => {
      real -= 1;
      timeline.at(timeline.now() + serverMs, () => {
        if (conn.isDead) return;
        exchange.answer = answer;
        exchange.expected = ANSWER_HEAD + answer.text.length;
        for (let left = exchange.expected; left > 0; left -= ZEROS.length)
          conn.link.fromServer(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
      });
    });
  };
  const finish = (conn: Conn, exchange: Exchange): void => {
    conn.current = undefined;
    conn.idleSince = timeline.now();
    const { connectMilliseconds } = conn;
    conn.connectMilliseconds = undefined;
    const { status, text } = exchange.answer ?? { status: 0, text: '' };
    const measured = connectMilliseconds === undefined ? {} : { connectMilliseconds };
    exchange.resolve({ status, text, header: () => null, ...measured });
  };
  const kill = (conn: Conn, error: Error): void => {
    conn.isDead = true;
    const exchange = conn.current;
    conn.current = undefined;
    exchange?.reject(error);
  };
  const close = (conn: Conn): void => {
    conn.isDead = true;
    conn.current = undefined;
    conn.link.close(() => undefined);
  };

  const open = (): Conn => {
    const startedAt = timeline.now();
    const conn: Partial<Conn> = { isOpen: false, isDead: false, filled: 0, current: undefined };
    const made = conn as Conn;
    made.link = link.connect({
      onTaken: (bytes) => {
        made.filled -= bytes;
        fill(made);
      },
      onServerTaken: () => undefined,
      // As `node:http` tells it: TCP's handshake alone, without that of TLS.
      onConnected: () => {
        made.connectMilliseconds = timeline.now() - startedAt;
      },
      onOpen: () => {
        made.isOpen = true;
        fill(made);
      },
      toServer: (bytes) => {
        const exchange = made.current;
        if (exchange === undefined) return;
        exchange.arrived += bytes.length;
        if (exchange.arrived === exchange.total) serve(made, exchange);
      },
      toClient: (bytes) => {
        const exchange = made.current;
        if (exchange === undefined) return;
        exchange.got += bytes.length;
        if (exchange.got === exchange.expected) finish(made, exchange);
      },
      endToServer: () => undefined,
      endToClient: () => undefined,
      onReset: () => kill(made, new NetworkError('reset')),
    });
    return made;
  };
  /** An idle connection, the last used first, or a new one. */
  const take = (host: string, fresh: boolean): Conn => {
    const pool = (pools.get(host) ?? []).filter((conn) => !conn.isDead);
    pools.set(host, pool);
    for (const conn of pool) {
      if (conn.current !== undefined || (!fresh && timeline.now() - conn.idleSince < IDLE_MS)) continue;
      close(conn);
    }
    const [idle] = pool
      .filter((conn) => !conn.isDead && conn.current === undefined)
      .sort((a, b) => b.idleSince - a.idleSince);
    if (idle !== undefined) return idle;
    const conn = open();
    pool.push(conn);
    return conn;
  };
  return { take, fill, close, isBusy: () => real > 0 };
};

/** A transport whose connections cross the link. `isBusy`: simulated time must not go on yet. */
export const createSimTransport = (
  options: SimTransportOptions,
): { readonly transport: HttpTransport; readonly isBusy: () => boolean } => {
  const { timeline, counts, onRequest } = options;
  const connections = createConnections(options);

  const transport = (request: HttpRequest): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const what = whatOf(request);
      counts[what] = (counts[what] ?? 0) + 1;
      const began = timeline.now();
      const kind = kindOf(request.url);
      const head: number = HEAD[kind];
      const total = head + lengthOf(request);
      const conn = connections.take(kind === 'api' ? 'api' : 'storage', request.fresh === true);
      const end = (how: string): void => {
        request.signal.removeEventListener('abort', onAbort);
        const [, offset = ''] = /storage\/\w+\/(\d+)/.exec(request.url) ?? [];
        const times = `${began.toFixed(0)} ${timeline.now().toFixed(0)}`;
        onRequest(`${times} ${what} ${offset} ${lengthOf(request)} ${exchange.accepted - conn.filled} ${how}`);
      };
      const onAbort = (): void => {
        end(`aborted ${asError(request.signal.reason).message}`);
        connections.close(conn);
        reject(request.signal.reason as Error);
      };
      const exchange: Exchange = {
        ...{ request, total, head, toSend: total, accepted: 0, arrived: 0, expected: -1, got: 0, answer: undefined },
        resolve: (response) => {
          end(String(response.status));
          resolve(response);
        },
        reject: (error) => {
          end(error.message);
          reject(error);
        },
      };
      request.signal.addEventListener('abort', onAbort, { once: true });
      conn.current = exchange;
      connections.fill(conn);
    });
  return { transport, isBusy: connections.isBusy };
};
