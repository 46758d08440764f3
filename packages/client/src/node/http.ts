import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpRequest, HttpResponse, HttpTransport } from '../contract.ts';
import { asError, expected, NetworkError } from '../core/errors.ts';

/** Bytes given to the kernel at once. It says when it has taken them, and small pieces make that mean something. */
const SLICE = 16_384;
/** No answer of the API or of S3 is near this, in bytes. */
const MOST_ANSWER = 8_388_608;
/** An idle connection is closed after so long, in milliseconds: below the 5 s after which Node's own servers close theirs. */
const IDLE_MS = 4_000;

interface Encoded {
  readonly bytes: Uint8Array | null;
  readonly headers: OutgoingHttpHeaders;
}

/** The body as bytes; a form gets its boundary from the platform's own encoder. */
const encode = async ({ body }: HttpRequest): Promise<Encoded> => {
  if (body === null) return { bytes: null, headers: {} };
  if (body instanceof FormData) {
    const form = new Response(body);
    const bytes = new Uint8Array(await form.arrayBuffer());
    return {
      bytes,
      headers: { 'content-type': form.headers.get('content-type') ?? '', 'content-length': bytes.length },
    };
  }
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return { bytes, headers: { 'content-length': bytes.length } };
};

/** Writes slice by slice, the next when the kernel has taken the one before. Stops when the request is gone. */
const write = (request: ClientRequest, bytes: Uint8Array, onProgress: HttpRequest['onProgress']): void => {
  const next = (at: number): void => {
    if (request.destroyed) return;
    const end = Math.min(at + SLICE, bytes.length);
    const done = (error?: Error | null): void => {
      // The request's own 'error' event tells of it.
      if (error) return;
      onProgress?.(end);
      if (end < bytes.length) next(end);
    };
    if (end < bytes.length) request.write(bytes.subarray(at, end), done);
    else request.end(bytes.subarray(at, end), () => done());
  };
  next(0);
};

const read = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_ANSWER) throw new Error(expected(`at most ${MOST_ANSWER} bytes`, 'the answer', length));
    chunks.push(chunk);
  }
  if (!response.complete) throw new Error('expected the whole answer but the connection ended');
  return Buffer.concat(chunks).toString('utf8');
};

/** Resolves to how long the TCP handshake took when this request opens its connection, in milliseconds. */
const handshake = (request: ClientRequest, onConnected: (milliseconds: number) => void): void => {
  request.once('socket', (socket: Socket) => {
    if (!socket.connecting) return;
    const startedAt = performance.now();
    socket.once('connect', () => onConnected(performance.now() - startedAt));
  });
};

const closeIdle = (agent: Agent): void => {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
};

/**
 * A transport on `node:http` and `node:https` with connections that are kept. Sends no header of its own but Host, Connection
 * and Content-Length. A kept connection that its server has closed meanwhile is replaced without a word.
 */
export const createNodeTransport = (): HttpTransport => {
  const options = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' } as const;
  const plain = new Agent(options);
  const secure = new HttpsAgent(options);

  const once = (given: HttpRequest, { bytes, headers }: Encoded): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const url = new URL(given.url);
      const isSecure = url.protocol === 'https:';
      const agent = isSecure ? secure : plain;
      if (given.fresh === true) closeIdle(agent);
      let connectMilliseconds: number | undefined;
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method: given.method,
        headers: { ...given.headers, ...headers },
        agent,
      });
      const onAbort = (): void => void request.destroy(asError(given.signal.reason));
      const end = (settle: () => void): void => {
        given.signal.removeEventListener('abort', onAbort);
        settle();
      };
      let answered = false;
      const fail = (thrown: unknown): void =>
        end(() => {
          const stale = request.reusedSocket && !answered && (bytes?.length ?? 0) <= SLICE;
          if (given.signal.aborted) reject(given.signal.reason as Error);
          else reject(new ConnectionError(asError(thrown), stale));
        });
      given.signal.addEventListener('abort', onAbort, { once: true });
      handshake(request, (milliseconds) => {
        connectMilliseconds = milliseconds;
      });
      request.on('error', fail);
      request.on('response', (response) => {
        answered = true;
        read(response).then((text) => {
          const header = (name: string): string | null =>
            [response.headers[name.toLowerCase()] ?? []].flat()[0] ?? null;
          const measured = connectMilliseconds === undefined ? {} : { connectMilliseconds };
          end(() => resolve({ status: response.statusCode ?? 0, text, header, ...measured }));
        }, fail);
      });
      if (bytes === null) request.end();
      else write(request, bytes, given.onProgress);
    });

  return async (given) => {
    given.signal.throwIfAborted();
    const encoded = await encode(given);
    given.signal.throwIfAborted();
    return once(given, encoded).catch((error: unknown) => {
      // The server closed the kept connection just as it was taken again (a race that HTTP has by design; RFC 9112, §9.3.1).
      if (error instanceof ConnectionError && error.stale && !given.signal.aborted) return once(given, encoded);
      throw error;
    });
  };
};

class ConnectionError extends NetworkError {
  /** A small request on a connection that was kept and may have been closed long ago. Whether to repeat a large one is its sender's choice. */
  readonly stale: boolean;

  constructor(cause: Error, stale: boolean) {
    super(`expected an answer but the connection failed: ${cause.message}`, { cause });
    this.stale = stale;
  }
}
