import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '../lambda/http.ts';
import { listen } from './listen.ts';
import type { InvokeFunction, StreamFunction } from '../ports.ts';
import { AwsError, type CloudContext } from '../service.ts';
import { textOf } from '../stack/values.ts';
import { INTERNAL_ERROR, jsonAnswer, toHttpAnswer, type HttpAnswer } from './answer.ts';
import { corsHeaders, isPreflight, preflightHeaders, type CorsRules } from './cors.ts';
import { payloadV2, type HttpCall } from './event.ts';
import {
  callFunctionUrl,
  functionOfHost,
  functionOfPath,
  type FunctionUrlConfig,
  type InvokeMode,
  urlEvent,
} from './function-url.ts';
import { pageAnswer, type Page } from './page.ts';
import { RouteTable, type Route } from './routes.ts';
import { streamAnswer } from './streamed.ts';

/** Limit of an HTTP API for a request's body. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Lambda's limit for an event and for an answer, which a body in Base64 reaches sooner. */
const MAX_LAMBDA_BYTES = 6 * 1024 * 1024;

/** An HTTP API waits no longer for its function. */
const INTEGRATION_TIMEOUT_MS = 30_000;

const NOT_FOUND = jsonAnswer(404, { message: 'Not Found' });
const TOO_LARGE = jsonAnswer(413, { message: 'Request Entity Too Large' });
const UNAVAILABLE = jsonAnswer(503, { message: 'Service Unavailable' });
const FORBIDDEN = jsonAnswer(403, { Message: 'Forbidden' });

export interface ApiGateway {
  /** @throws CloudError PORT_IN_USE when the port is taken and `strict` is set */
  listen(port: number, strict: boolean): Promise<number>;
  /** Adds a service's API. Returns the routes that another service already has. */
  addApi(api: { name: string; routes: readonly Route[]; cors: CorsRules | undefined }): Route[];
  addFunctionUrl(config: FunctionUrlConfig): void;
  /** How the URL of a function answers; BUFFERED for one that has none. */
  invokeModeOf(functionName: string): InvokeMode;
  /** From now on requests are answered; before that 503. */
  open(page: Page | undefined): void;
  stats(): Record<string, number>;
  close(): Promise<void>;
}

interface Handling {
  /** An answer, or the event of a function that streams its own. */
  readonly answer: HttpAnswer | { readonly streams: string; readonly event: unknown };
  readonly cors: Record<string, string>;
}

export interface GatewayPorts {
  readonly invoke: InvokeFunction;
  readonly stream: StreamFunction;
}

class Gateway {
  readonly routes = new RouteTable();
  readonly cors = new Map<string, CorsRules>();
  readonly urls = new Map<string, FunctionUrlConfig>();
  page: Page | undefined;
  isOpen = false;
  requests = 0;
  readonly #context: CloudContext;
  readonly #ports: GatewayPorts;

  constructor(context: CloudContext, ports: GatewayPorts) {
    this.#context = context;
    this.#ports = ports;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    this.requests += 1;
    const handling = await this.#handle(request, requestId).catch((error: unknown) => this.#failed(error));
    const { answer, cors } = handling;
    const own = { ...cors, 'apigw-requestid': requestId };
    if ('streams' in answer) {
      await this.#stream(answer, response, own);
      return;
    }
    const { status, headers, cookies, body } = answer;
    const all: Record<string, string | string[]> = { ...headers, ...own };
    if (cookies.length > 0) all['set-cookie'] = [...cookies];
    if (status !== 204 && status !== 304) all['content-length'] = String(body.length);
    response.writeHead(status, all);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** Sends an answer as it comes. One that is cut off ends the connection, so that the client does not take it for whole. */
  async #stream(
    { streams: name, event }: { streams: string; event: unknown },
    response: ServerResponse,
    own: Record<string, string>,
  ): Promise<void> {
    try {
      const end = await streamAnswer(
        this.#ports.stream,
        { name, event },
        {
          head: ({ status, headers, cookies }) => {
            response.writeHead(status, {
              ...headers,
              ...own,
              ...(cookies.length > 0 && { 'set-cookie': [...cookies] }),
            });
          },
          write: (chunk) => response.write(chunk),
        },
      );
      if (end === 'whole') response.end();
      else response.destroy();
    } catch (error) {
      this.#context.log('error', 'gateway failed', { error: String(error) });
      response.destroy();
    }
  }

  async #handle(request: IncomingMessage, requestId: string): Promise<Handling> {
    if (!this.isOpen) return { answer: UNAVAILABLE, cors: {} };
    const call = await this.#read(request, requestId);
    const url = functionOfPath(call.path) ?? this.#urlOfHost(call);
    if (url) return this.#callUrl(url.name, { ...call, path: url.path });
    if (isPreflight(call.method, call.headers)) {
      const preflight = this.#preflight(call);
      if (preflight) return preflight;
    }
    const match = this.routes.match(call.method, call.path);
    if (!match) return { answer: await this.#pageOr404(call), cors: {} };
    const rules = this.cors.get(match.route.api);
    const cors = rules ? corsHeaders(rules, call.headers) : {};
    const event = payloadV2(call, { ...match, accountId: this.#context.accountId, apiId: match.route.api });
    return { answer: await this.#integrate(match.route.functionName, event), cors };
  }

  async #read(request: IncomingMessage, requestId: string): Promise<HttpCall> {
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    return {
      requestId,
      method: request.method ?? 'GET',
      path: mark === -1 ? target : target.slice(0, mark),
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers: request.headers,
      body: await readBody(request, MAX_BODY_BYTES),
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      time: this.#context.now(),
    };
  }

  #urlOfHost(call: HttpCall): { name: string; path: string } | undefined {
    const host = functionOfHost(call.headers.host ?? '');
    if (host === undefined) return undefined;
    const name = [...this.urls.keys()].find((key) => key.toLowerCase() === host.toLowerCase());
    return { name: name ?? host, path: call.path };
  }

  async #callUrl(name: string, call: HttpCall): Promise<Handling> {
    const config = this.urls.get(name);
    if (!config) return { answer: NOT_FOUND, cors: {} };
    if (config.cors && isPreflight(call.method, call.headers)) {
      return {
        answer: { ...NOT_FOUND, status: 204, body: Buffer.alloc(0) },
        cors: preflightHeaders(config.cors, call.headers),
      };
    }
    const cors = config.cors ? corsHeaders(config.cors, call.headers) : {};
    // Signatures are not verified here; what matters is that nobody relies on a public URL that AWS would refuse.
    const isSigned = call.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') === true;
    if (config.authorizer === 'aws_iam' && !isSigned) return { answer: FORBIDDEN, cors };
    const { accountId } = this.#context;
    if (config.invokeMode === 'RESPONSE_STREAM')
      return { answer: { streams: name, event: urlEvent(name, call, accountId) }, cors };
    return { answer: await callFunctionUrl(name, call, { invoke: this.#ports.invoke, accountId }), cors };
  }

  #preflight(call: HttpCall): Handling | undefined {
    const wanted = call.headers['access-control-request-method'] ?? 'GET';
    const route =
      this.routes.match(wanted, call.path) ??
      this.routes
        .list()
        .map((entry) => this.routes.match(entry.method, call.path))
        .find(Boolean);
    const rules = route ? this.cors.get(route.route.api) : undefined;
    if (!rules) return undefined;
    return {
      answer: { status: 204, headers: {}, cookies: [], body: Buffer.alloc(0) },
      cors: preflightHeaders(rules, call.headers),
    };
  }

  async #pageOr404(call: HttpCall): Promise<HttpAnswer> {
    const isRead = call.method === 'GET' || call.method === 'HEAD';
    const answer = this.page && isRead ? await pageAnswer(this.page, call.path, call.headers.host ?? '') : undefined;
    return answer ?? NOT_FOUND;
  }

  async #integrate(functionName: string, event: Record<string, unknown>): Promise<HttpAnswer> {
    if (Buffer.byteLength(textOf(event.body) ?? '') > MAX_LAMBDA_BYTES) return TOO_LARGE;
    const stop = new AbortController();
    const timeout = sleep(INTEGRATION_TIMEOUT_MS, UNAVAILABLE, { signal: stop.signal, ref: false });
    timeout.catch(() => undefined); // aborted: the function has answered in time
    try {
      const answer = await Promise.race([this.#ports.invoke(functionName, event).then(toHttpAnswer), timeout]);
      return answer.body.length > MAX_LAMBDA_BYTES ? INTERNAL_ERROR : answer;
    } finally {
      stop.abort();
    }
  }

  #failed(error: unknown): Handling {
    if (error instanceof AwsError && error.status === 413) return { answer: TOO_LARGE, cors: {} };
    this.#context.log('error', 'gateway failed', { error: String(error) });
    return { answer: INTERNAL_ERROR, cors: {} };
  }
}

/** All HTTP APIs and function URLs of the loaded services on one port, with payload format 2.0. */
export function createApiGateway(context: CloudContext, ports: GatewayPorts): ApiGateway {
  const gateway = new Gateway(context, ports);
  const server = createServer((request, response) => void gateway.serve(request, response));
  server.keepAliveTimeout = 65_000; // longer than clients keep idle connections, so that none is cut under a request
  return {
    listen: (port, strict) => listen(server, { port, strict, what: 'the API' }),
    addApi({ name, routes, cors }) {
      if (cors) gateway.cors.set(name, cors);
      return routes.filter((route) => !gateway.routes.add(route));
    },
    addFunctionUrl(config) {
      gateway.urls.set(config.functionName, config);
    },
    invokeModeOf: (functionName) => gateway.urls.get(functionName)?.invokeMode ?? 'BUFFERED',
    open(page) {
      gateway.page = page;
      gateway.isOpen = true;
    },
    stats: () => ({
      routes: gateway.routes.list().length,
      functionUrls: gateway.urls.size,
      requests: gateway.requests,
    }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
