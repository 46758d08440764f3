import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from '../../test/support/random.ts';
import type { HttpRequest, HttpTransport } from '../contract.ts';
import { NetworkError } from '../core/errors.ts';
import { createNodeTransport } from './http.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, facts: { readonly onConnection: number }) => void;

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
};
/** Answers with what it was sent. */
const echo: Handler = (request, response) => {
  void bodyOf(request).then((body) => response.end(body));
};

describe('the transport of Node', () => {
  let server: Server;
  let send: HttpTransport;
  let handle: Handler;
  /** Requests so far, by connection. */
  let served: number[];

  beforeEach(async () => {
    handle = echo;
    served = [];
    send = createNodeTransport();
    const places = new Map<unknown, number>();
    server = createServer((request, response) => {
      const place = places.get(request.socket) ?? served.push(0) - 1;
      places.set(request.socket, place);
      served[place]! += 1;
      handle(request, response, { onConnection: served[place]! });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const request = (change: Partial<HttpRequest> = {}): HttpRequest => ({
    method: 'POST',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a/b?c=d`,
    headers: {},
    body: null,
    signal: new AbortController().signal,
    ...change,
  });

  it('sends method, path, headers and text, and gives status, headers and text back', async () => {
    handle = (asked, response) => {
      void bodyOf(asked).then((body) => {
        response.writeHead(409, { 'Retry-After': '7', 'content-type': 'application/json' });
        response.end(
          JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body: body.toString() }),
        );
      });
    };

    const answer = await send(
      request({ headers: { authorization: 'Bearer t', 'content-type': 'application/json' }, body: '{"size":"ü"}' }),
    );

    expect(answer.status).toBe(409);
    expect([answer.header('retry-after'), answer.header('Retry-After'), answer.header('etag')]).toEqual([
      '7',
      '7',
      null,
    ]);
    expect(JSON.parse(answer.text)).toMatchObject({
      ...{ method: 'POST', url: '/a/b?c=d', body: '{"size":"ü"}' },
      headers: { authorization: 'Bearer t', 'content-type': 'application/json', 'content-length': '13' },
    });
  });

  it('sends no header of its own but host, connection and length', async () => {
    handle = (asked, response) => void response.end(JSON.stringify(Object.keys(asked.headers).sort()));

    expect(JSON.parse((await send(request({ method: 'PUT', body: new Uint8Array(3) }))).text)).toEqual([
      ...['connection', 'content-length', 'host'],
    ]);
    expect(JSON.parse((await send(request({ method: 'GET' }))).text)).toEqual(['connection', 'host']);
  });

  it('sends a form that a form reader understands', async () => {
    let type = '';
    let form: Buffer = Buffer.alloc(0);
    handle = (asked, response) => {
      type = asked.headers['content-type'] ?? '';
      void bodyOf(asked).then((body) => {
        form = body;
        response.writeHead(204).end();
      });
    };
    const photo = randomBytes(50_000);
    const body = new FormData();
    body.append('key', 'originals/ü');
    body.append('file', new Blob([photo], { type: 'image/jpeg' }), 'a.jpg');

    const { status } = await send(request({ body }));

    const read = await new Response(new Uint8Array(form), { headers: { 'content-type': type } }).formData();
    expect(status).toBe(204);
    expect(read.get('key')).toBe('originals/ü');
    expect(new Uint8Array(await (read.get('file') as File).arrayBuffer())).toEqual(photo);
  });

  it('tells how much has left, more and more up to all', async () => {
    const sent: number[] = [];
    const body = randomBytes(300_001);
    let arrived: Buffer = Buffer.alloc(0);
    handle = (asked, response) => {
      void bodyOf(asked).then((whole) => {
        arrived = whole;
        response.end();
      });
    };

    await send(request({ body, onProgress: (bytes) => sent.push(bytes) }));

    expect(arrived.equals(body)).toBe(true);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
    expect(sent.at(-1)).toBe(300_001);
  });

  describe('called off', () => {
    it('sends nothing when that was before', async () => {
      await expect(send(request({ signal: AbortSignal.abort(new Error('too early')) }))).rejects.toThrow('too early');
      expect(served).toEqual([]);
    });

    it('ends with the reason in the middle of a body, and closes the connection', async () => {
      const own = new AbortController();
      const reason = new Error('paused');
      const closed = new Promise((resolve) => {
        handle = (asked) => {
          asked.once('data', () => own.abort(reason));
          asked.once('close', resolve);
        };
      });

      await expect(send(request({ body: randomBytes(5_000_000), signal: own.signal }))).rejects.toBe(reason);
      await closed;
    });

    it('ends with the reason in the middle of an answer', async () => {
      const own = new AbortController();
      const reason = new Error('paused');
      handle = (_, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half', () => own.abort(reason));
      };

      await expect(send(request({ signal: own.signal }))).rejects.toBe(reason);
    });

    it('ends with the reason right after it was begun', async () => {
      const own = new AbortController();
      const sending = send(request({ signal: own.signal, body: 'x' }));

      own.abort(new Error('at once'));

      await expect(sending).rejects.toThrow('at once');
    });
  });

  describe('a connection that fails', () => {
    it('is a NetworkError when it is reset in the middle of a body', async () => {
      handle = (asked) => {
        asked.once('data', () => asked.socket.resetAndDestroy());
      };

      const sending = send(request({ body: randomBytes(5_000_000) }));

      await expect(sending).rejects.toBeInstanceOf(NetworkError);
      await expect(sending).rejects.toMatchObject({ stalled: false });
    });

    it('is a NetworkError when it ends in the middle of an answer', async () => {
      handle = (_, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half', () => response.socket?.destroy());
      };

      await expect(send(request())).rejects.toBeInstanceOf(NetworkError);
    });

    it('is a NetworkError when nobody is there', async () => {
      const late = request();
      server.close();
      await once(server, 'close');

      await expect(send(late)).rejects.toBeInstanceOf(NetworkError);

      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
  });

  it('refuses an answer that is too large for one', async () => {
    handle = (_, response) => {
      response.on('error', () => undefined);
      response.end(Buffer.alloc(9_000_000));
    };

    await expect(send(request())).rejects.toThrow(NetworkError);
    await expect(send(request())).rejects.toThrow('8388608');
  });

  describe('a kept connection', () => {
    /** Serves one request a connection, and is gone when it is used again. */
    const goneWhenUsedAgain: Handler = (asked, response, { onConnection }) => {
      if (onConnection === 1) echo(asked, response, { onConnection });
      else asked.socket.resetAndDestroy();
    };

    it('is used again', async () => {
      for (let n = 0; n < 3; n++) await send(request({ body: 'x' }));

      expect(served).toEqual([3]);
    });

    it.each(['x', null, new Uint8Array(16_384)])('that is gone is replaced for a small request (%#)', async (body) => {
      handle = goneWhenUsedAgain;
      await send(request({ body: 'first' }));

      const answer = await send(request({ body }));

      expect(answer.status).toBe(200);
      expect(answer.text).toHaveLength(body?.length ?? 0);
      expect(served).toEqual([2, 1]);
    });

    it('that is gone is told of when the request is large: its sender knows what was sent', async () => {
      handle = goneWhenUsedAgain;
      await send(request({ body: 'first' }));

      await expect(send(request({ body: new Uint8Array(16_385) }))).rejects.toBeInstanceOf(NetworkError);

      expect(served).toEqual([2]);
    });

    it('is not used for a request that wants a fresh one, which tells how long it took to connect', async () => {
      const first = await send(request({ body: 'x' }));
      const second = await send(request({ body: 'x' }));

      const fresh = await send(request({ body: 'x', fresh: true }));

      expect(served).toEqual([2, 1]);
      expect(first.connectMilliseconds).toBeGreaterThan(0);
      expect(second.connectMilliseconds).toBeUndefined();
      expect(fresh.connectMilliseconds).toBeGreaterThan(0);
    });
  });
});
