import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { candidates } from './apigateway/listen.ts';
import { answerJson, type JsonRoute } from './server-json.ts';
import type { HttpService, JsonService, Log } from './service.ts';

export interface CloudServices {
  readonly json: readonly JsonService[];
  readonly s3: HttpService;
  readonly lambda?: HttpService;
  readonly sts?: HttpService;
  readonly admin?: HttpService;
}

export interface CloudServerOptions {
  /** Loopback only: the stand-in trusts who can reach it. `127.0.0.1` unless given. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** False: when `port` is taken, the next free one is used. True unless given. */
  readonly strictPort?: boolean;
  readonly services: CloudServices;
  readonly log: Log;
}

export interface CloudServer {
  /** @throws the system's error (`EADDRINUSE`) when the port is taken and `strictPort` holds. */
  listen(): Promise<{ port: number; endpoint: string }>;
  /** Takes no further connections, aborts long polls, gives running requests a moment and closes the services. */
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
/** Running requests may finish for this long on close; a long poll ends at once by its signal. */
const CLOSE_GRACE_MS = 2_000;
const IDLE_SWEEP_MS = 20;
/** Longer than the SDK's own idle sockets live, so that the server never closes a socket the client is about to use. */
const KEEP_ALIVE_MS = 75_000;
const LAMBDA_PATH = /^\/20\d\d-\d\d-\d\d\//;
const STS_SCOPE = /Credential=[^,]*\/sts\/aws4_request/;

/** A web page can make a browser send a plain POST to loopback; only what nobody else can forge goes to Lambda. */
function comesFromForeignPage(request: IncomingMessage): boolean {
  return request.headers.origin !== undefined && request.headers.authorization === undefined;
}

function isSts(request: IncomingMessage): boolean {
  const { 'content-type': type = '', authorization = '' } = request.headers;
  return type.startsWith('application/x-www-form-urlencoded') && STS_SCOPE.test(authorization);
}

function serviceOf(request: IncomingMessage, services: CloudServices): HttpService {
  const path = request.url ?? '/';
  if (services.admin && path.startsWith('/_darkroom/')) return services.admin;
  if (services.lambda && LAMBDA_PATH.test(path) && !comesFromForeignPage(request)) return services.lambda;
  if (services.sts && request.method === 'POST' && isSts(request)) return services.sts;
  return services.s3;
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`expected a TCP address but received ${address}`);
  return address.port;
}

function isTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
}

/** The one endpoint of the stand-in: finds the service of a request as AWS's host names would, and answers errors. */
export function createCloudServer(options: CloudServerOptions): CloudServer {
  const { host = '127.0.0.1', services, log } = options;
  if (!LOOPBACK.has(host)) throw new Error(`expected a loopback address for host but received ${host}`);
  const json: JsonRoute = {
    services: new Map(services.json.map((service) => [service.targetPrefix, service])),
    closing: new AbortController(),
    log,
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> => {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') return answerJson({ request, response, requestId, target }, json);
    await serviceOf(request, services).handle(request, response, { requestId });
  };

  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, noDelay: true },
    (request, response) => {
      const requestId = randomUUID();
      answer(request, response, requestId).catch((cause: unknown) => {
        log('error', 'request failed', { requestId, method: request.method, path: request.url, cause });
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { 'x-amzn-requestid': requestId, 'content-length': 0 }).end();
      });
    },
  );

  return {
    async listen() {
      let taken: unknown;
      for (const wanted of candidates(options.port, options.strictPort !== false)) {
        try {
          const port = await listenOn(server, host, wanted);
          return { port, endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
        } catch (error) {
          if (!isTaken(error)) throw error;
          taken = error;
        }
      }
      throw taken;
    },

    async close() {
      json.closing.abort();
      if (server.listening) await closeGently(server);
      const all = [...services.json, services.s3, services.lambda, services.sts, services.admin];
      for (const service of all) await service?.close?.();
    },
  };
}

async function closeGently(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose last answer goes out during the grace becomes idle only then.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
