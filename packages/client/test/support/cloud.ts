import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type CloudAnswer, type CloudModel, createCloudModel, type What, whatOf } from './cloud-model.ts';

/** What a fault is chosen by. */
export interface Asked {
  readonly method: string;
  readonly what: What;
  /** Requests before this one. */
  readonly index: number;
  /** For `put`: where the chunk starts. */
  readonly offset: number | null;
  /** Bytes of the body. */
  readonly length: number;
}

export type Fault =
  /** Answered with this status; the body is read before. */
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The connection is reset after so many bytes of the body. */
  | { readonly resetAfter: number }
  /** The request is done, and its answer never leaves. */
  | { readonly lostAnswer: true }
  /** Nothing is read and nothing answered. */
  | { readonly blackHole: true };

/** The model behind one small HTTP server, with faults on demand. */
export interface Cloud {
  readonly url: string;
  readonly model: CloudModel;
  /** Everything that was asked, in order. */
  readonly asked: Asked[];
  /** Bytes of bodies of PUT and POST that were read, those of failed requests included. */
  readonly bodyBytes: () => number;
  /** Bytes that came in over all connections. */
  readonly wireBytes: () => number;
  fault: (asked: Asked) => Fault | undefined;
  readonly close: () => Promise<void>;
}

const BUSY = '{"code":"UNAVAILABLE","message":"busy","requestId":"r"}';

const readBody = async (request: IncomingMessage, stopAt = Infinity): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  // Stopped early, the request must stay as it is: destroying it would end the connection in good order instead of resetting it.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length >= stopAt) break;
  }
  return Buffer.concat(parts);
};

const readForm = async (request: IncomingMessage, bytes: Buffer): Promise<{ key: string; file: Buffer }> => {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(bytes), { headers }).formData();
  return {
    key: form.get('key') as string,
    file: Buffer.from(await (form.get('file') as unknown as Blob).arrayBuffer()),
  };
};

/** Resets the connection after so many bytes of the body; resolves to how many were read. */
const reset = async (request: IncomingMessage, after: number): Promise<number> => {
  const bytes = after === 0 ? Buffer.alloc(0) : await readBody(request, after).catch(() => Buffer.alloc(0));
  request.socket.resetAndDestroy();
  return bytes.length;
};

export const startCloud = async (): Promise<Cloud> => {
  const sockets = new Set<Socket>();
  let gone = 0;
  let bodies = 0;

  const look = (request: IncomingMessage): { what: What; fault: Fault | undefined } => {
    const method = request.method ?? 'GET';
    const path = new URL(request.url ?? '/', cloud.url).pathname;
    const what = whatOf(method, path);
    const asked: Asked = {
      method,
      what,
      index: cloud.asked.length,
      offset: what === 'put' ? Number(path.split('/')[3]) : null,
      length: Number(request.headers['content-length'] ?? 0),
    };
    cloud.asked.push(asked);
    return { what, fault: cloud.fault(asked) };
  };

  const reply = async (request: IncomingMessage, what: What, bytes: Buffer): Promise<CloudAnswer> => {
    const form = what === 'post' ? { form: await readForm(request, bytes) } : {};
    const url = `${cloud.url}${request.url ?? '/'}`;
    return cloud.model.answer({ method: request.method ?? 'GET', url, bytes, ...form });
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { what, fault } = look(request);
    const count = (bytes: number): void => {
      if (what === 'put' || what === 'post') bodies += bytes;
    };
    if (fault !== undefined && 'blackHole' in fault) return;
    if (fault !== undefined && 'resetAfter' in fault) {
      count(await reset(request, fault.resetAfter));
      return;
    }
    const bytes = await readBody(request);
    count(bytes.length);
    if (fault !== undefined && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? BUSY);
      return;
    }
    const answer = await reply(request, what, bytes);
    if (fault !== undefined) response.destroy();
    else response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.text);
  };

  const server = createServer((request, response) => {
    // A client that went away in the middle.
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      gone += socket.bytesRead;
      sockets.delete(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cloud: Cloud = {
    url,
    model: createCloudModel({ storage: () => url, now: () => Date.now() }),
    asked: [],
    bodyBytes: () => bodies,
    wireBytes: () => gone + [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0),
    fault: () => undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cloud;
};
