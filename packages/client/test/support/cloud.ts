import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ByteRange, ChunkOrder, CreateUploadRequest } from '@darkroom/types/api';

/** An upload API and its storage in one small server, as the contracts say, with faults on demand. Knows nothing of the client. */
export interface Asked {
  readonly method: string;
  /** `create`, `chunks`, `status`, `complete`, `delete`, `put` or `post`. */
  readonly what: What;
  /** Requests before this one. */
  readonly index: number;
  /** For `put`: where the chunk starts. */
  readonly offset: number | null;
  /** Bytes of the body. */
  readonly length: number;
}
type What = 'create' | 'chunks' | 'status' | 'complete' | 'delete' | 'put' | 'post';

export type Fault =
  /** Answered with this status; the body is read before. */
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The connection is reset after so many bytes of the body. */
  | { readonly resetAfter: number }
  /** The request is done, and its answer never leaves. */
  | { readonly lostAnswer: true }
  /** Nothing is read and nothing answered. */
  | { readonly blackHole: true };

interface Stored {
  readonly claims: CreateUploadRequest;
  readonly chunks: Map<number, Buffer>;
  original: Buffer | null;
  judged: boolean;
}

export interface Cloud {
  readonly url: string;
  readonly uploads: Map<string, Stored>;
  /** Everything that was asked, in order. */
  readonly asked: Asked[];
  /** Bytes of bodies of PUT and POST that were read, those of failed requests included. */
  bodyBytes: number;
  /** Bytes that came in over all connections. */
  readonly wireBytes: () => number;
  fault: (asked: Asked) => Fault | undefined;
  /** Verdict on the first bytes, as a reason code. */
  verdict: (head: Buffer) => string | null;
  /** Milliseconds that signed URLs live. */
  urlLife: number;
  readonly close: () => Promise<void>;
}

const TOKEN_LIFE_MS = 86_400_000;
const UNIT = 65_536;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly resend: ByteRange[] | undefined;
  constructor(status: number, code: string, resend?: ByteRange[]) {
    super(code);
    this.status = status;
    this.code = code;
    this.resend = resend;
  }
}

const readBody = async (
  request: IncomingMessage,
  onBytes: (bytes: number) => void,
  stopAt = Infinity,
): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    onBytes(part.length);
    if (length >= stopAt) break;
  }
  return Buffer.concat(parts);
};

const whatOf = (method: string, path: string): What => {
  if (path === '/storage/form') return 'post';
  if (path.startsWith('/storage/')) return 'put';
  if (path === '/uploads') return 'create';
  if (path.endsWith('/chunks')) return 'chunks';
  if (path.endsWith('/complete')) return 'complete';
  return method === 'DELETE' ? 'delete' : 'status';
};

/** Chunks in order without holes, or what is missing. */
const assemble = (upload: Stored, listed: readonly ChunkOrder[]): Buffer => {
  const { size } = upload.claims;
  const bad = listed.filter(({ offset, size: bytes, sha256: hash }) => {
    const chunk = upload.chunks.get(offset);
    return chunk !== undefined && (chunk.length !== bytes || sha256(chunk) !== hash);
  });
  for (const { offset } of bad) upload.chunks.delete(offset);
  if (bad.length > 0)
    throw new Refusal(
      409,
      'CHECKSUM_MISMATCH',
      bad.map(({ offset, size: bytes }) => ({ offset, size: bytes })),
    );
  const whole = Buffer.alloc(size);
  let end = 0;
  const missing: ByteRange[] = [];
  for (const [offset, chunk] of [...upload.chunks].sort(([a], [b]) => a - b)) {
    if (offset > end) missing.push({ offset: end, size: offset - end });
    chunk.copy(whole, offset);
    end = Math.max(end, offset + chunk.length);
  }
  if (end < size) missing.push({ offset: end, size: size - end });
  if (missing.length > 0) throw new Refusal(409, 'UPLOAD_INCOMPLETE', missing);
  return whole;
};

export const startCloud = async (): Promise<Cloud> => {
  const sockets = new Set<Socket>();
  let gone = 0;
  let ids = 0;
  const signed = (id: string, chunk: ChunkOrder): unknown => {
    if (
      chunk.offset % UNIT !== 0 ||
      (chunk.size % UNIT !== 0 && chunk.offset + chunk.size !== cloud.uploads.get(id)?.claims.size)
    )
      throw new Refusal(400, 'INVALID_REQUEST');
    const until = Date.now() + cloud.urlLife;
    return {
      offset: chunk.offset,
      size: chunk.size,
      url: `${cloud.url}/storage/${id}/${chunk.offset}?until=${until}&size=${chunk.size}&sha=${chunk.sha256}`,
      headers: { 'x-amz-checksum-sha256': Buffer.from(chunk.sha256, 'hex').toString('base64') },
    };
  };
  const expiresAt = (life: number): string => new Date(Date.now() + life).toISOString();
  const find = (id: string): Stored => {
    const upload = cloud.uploads.get(id);
    if (upload === undefined) throw new Refusal(404, 'NOT_FOUND');
    return upload;
  };

  const api: Record<Exclude<What, 'put' | 'post'>, (id: string, body: never) => unknown> = {
    create: (_id, body: CreateUploadRequest) => {
      ids += 1;
      const id = `01J${String(ids).padStart(23, '0')}`;
      cloud.uploads.set(id, { claims: body, chunks: new Map(), original: null, judged: false });
      const life = expiresAt(cloud.urlLife);
      const upload =
        body.transport === 'chunks'
          ? {
              kind: 'chunks',
              unitBytes: UNIT,
              maxChunkBytes: 8_388_608,
              chunks: (body.chunks ?? []).map((chunk) => signed(id, chunk)),
              expiresAt: life,
            }
          : { kind: 'post', url: `${cloud.url}/storage/form`, fields: { key: id }, expiresAt: life };
      return { imageId: id, uploadToken: `token-${id}`, expiresAt: expiresAt(TOKEN_LIFE_MS), upload };
    },
    chunks: (id, body: { chunks: ChunkOrder[]; judged?: boolean }) => {
      const upload = find(id);
      const head = upload.chunks.get(0);
      if (head !== undefined && body.judged !== true) {
        const code = cloud.verdict(head.subarray(0, UNIT));
        if (code !== null) throw new Refusal(409, code);
        upload.judged = true;
      }
      return {
        chunks: body.chunks.map((chunk) => signed(id, chunk)),
        judged: upload.judged,
        expiresAt: expiresAt(cloud.urlLife),
      };
    },
    status: (id) => {
      const upload = find(id);
      const received = [...upload.chunks]
        .sort(([a], [b]) => a - b)
        .map(([offset, chunk]) => ({ offset, size: chunk.length }));
      const done = upload.original !== null;
      return {
        imageId: id,
        size: upload.claims.size,
        state: done ? 'complete' : 'open',
        received: done ? [] : received,
        etag: done ? 'etag' : null,
        expiresAt: expiresAt(TOKEN_LIFE_MS),
      };
    },
    complete: (id, body: { sha256?: string; chunks?: ChunkOrder[] }) => {
      const upload = find(id);
      if (upload.original === null) {
        const whole = assemble(upload, body.chunks ?? []);
        if (body.sha256 !== undefined && sha256(whole) !== body.sha256) {
          upload.chunks.clear();
          throw new Refusal(409, 'CHECKSUM_MISMATCH', [{ offset: 0, size: upload.claims.size }]);
        }
        upload.original = whole;
        upload.chunks.clear();
      }
      return { imageId: id, etag: 'etag' };
    },
    delete: (id) => {
      cloud.uploads.delete(id);
      return null;
    },
  };

  const put = (url: URL, bytes: Buffer): void => {
    const [, , id = '', offset] = url.pathname.split('/');
    if (Number(url.searchParams.get('until')) < Date.now()) throw new Refusal(403, 'AccessDenied');
    if (bytes.length !== Number(url.searchParams.get('size'))) throw new Refusal(403, 'SignatureDoesNotMatch');
    if (sha256(bytes) !== url.searchParams.get('sha')) throw new Refusal(400, 'XAmzContentChecksumMismatch');
    find(id).chunks.set(Number(offset), bytes);
  };
  const post = async (request: IncomingMessage, bytes: Buffer): Promise<void> => {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData();
    const upload = find(form.get('key') as string);
    upload.original = Buffer.from(await (form.get('file') as unknown as Blob).arrayBuffer());
  };

  const applyFault = async (
    fault: Fault,
    request: IncomingMessage,
    response: ServerResponse,
    count: (bytes: number) => void,
  ): Promise<boolean> => {
    if ('blackHole' in fault) return true;
    if ('resetAfter' in fault) {
      await readBody(request, count, fault.resetAfter).catch(() => undefined);
      request.socket.resetAndDestroy();
      return true;
    }
    if ('status' in fault) {
      await readBody(request, count);
      response
        .writeHead(fault.status, fault.headers)
        .end(fault.body ?? '{"code":"UNAVAILABLE","message":"busy","requestId":"r"}');
      return true;
    }
    return false;
  };

  const act = async (what: What, { url, request, bytes }: { url: URL; request: IncomingMessage; bytes: Buffer }) => {
    if (what === 'put') put(url, bytes);
    else if (what === 'post') await post(request, bytes);
    else {
      const body = bytes.length === 0 ? null : (JSON.parse(bytes.toString()) as unknown);
      return JSON.stringify(api[what](url.pathname.split('/')[2] ?? '', body as never));
    }
    return '';
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', cloud.url);
    const method = request.method ?? 'GET';
    const what = whatOf(method, url.pathname);
    const isBody = what === 'put' || what === 'post';
    const count = (bytes: number): void => {
      if (isBody) cloud.bodyBytes += bytes;
    };
    const asked: Asked = {
      method,
      what,
      index: cloud.asked.length,
      offset: what === 'put' ? Number(url.pathname.split('/')[3]) : null,
      length: Number(request.headers['content-length'] ?? 0),
    };
    cloud.asked.push(asked);
    const fault = cloud.fault(asked);
    if (fault !== undefined && (await applyFault(fault, request, response, count))) return;
    const bytes = await readBody(request, count);
    const answer = await act(what, { url, request, bytes });
    if (fault !== undefined) response.destroy();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!(error instanceof Refusal)) {
        // A client that went away in the middle.
        response.destroy();
        return;
      }
      const isStorage = (request.url ?? '').startsWith('/storage');
      const body = isStorage
        ? `<Error><Code>${error.code}</Code></Error>`
        : JSON.stringify({ code: error.code, message: error.code, requestId: 'r', resend: error.resend });
      response
        .writeHead(error.status, { 'content-type': isStorage ? 'application/xml' : 'application/json' })
        .end(body);
    });
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
  const cloud: Cloud = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploads: new Map(),
    asked: [],
    bodyBytes: 0,
    wireBytes: () => gone + [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0),
    fault: () => undefined,
    verdict: () => null,
    urlLife: 900_000,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cloud;
};
