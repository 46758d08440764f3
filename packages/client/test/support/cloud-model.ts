import { createHash } from 'node:crypto';
import type { ByteRange, ChunkOrder, CreateUploadRequest, PostForm } from '@darkroom/types/api';

/** The upload API and its storage as the contracts say, in memory and without a network. Knows nothing of the client. */
export type What = 'create' | 'chunks' | 'status' | 'complete' | 'delete' | 'put' | 'post';

export interface Stored {
  readonly claims: CreateUploadRequest;
  readonly chunks: Map<number, Buffer>;
  original: Buffer | null;
  judged: boolean;
}

export interface CloudRequest {
  readonly method: string;
  readonly url: string;
  readonly bytes: Buffer;
  /** The form of a `post`, decoded. */
  readonly form?: { readonly key: string; readonly file: Buffer };
}
export interface CloudAnswer {
  readonly status: number;
  readonly text: string;
}

export interface CloudModel {
  readonly uploads: Map<string, Stored>;
  /** Verdict on the first bytes, as a reason code. */
  verdict: (head: Buffer) => string | null;
  /** Milliseconds that signed URLs live. */
  urlLife: number;
  readonly answer: (request: CloudRequest) => CloudAnswer;
}
export interface CloudModelOptions {
  /** Base of the storage's URLs. */
  readonly storage: () => string;
  readonly now: () => number;
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

export const whatOf = (method: string, path: string): What => {
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

export const createCloudModel = (options: CloudModelOptions): CloudModel => {
  let ids = 0;
  const signed = (id: string, chunk: ChunkOrder): unknown => {
    if (
      chunk.offset % UNIT !== 0 ||
      (chunk.size % UNIT !== 0 && chunk.offset + chunk.size !== model.uploads.get(id)?.claims.size)
    )
      throw new Refusal(400, 'INVALID_REQUEST');
    const until = options.now() + model.urlLife;
    return {
      offset: chunk.offset,
      size: chunk.size,
      url: `${options.storage()}/storage/${id}/${chunk.offset}?until=${until}&size=${chunk.size}&sha=${chunk.sha256}`,
      headers: { 'x-amz-checksum-sha256': Buffer.from(chunk.sha256, 'hex').toString('base64') },
    };
  };
  const expiresAt = (life: number): string => new Date(options.now() + life).toISOString();
  const find = (id: string): Stored => {
    const upload = model.uploads.get(id);
    if (upload === undefined) throw new Refusal(404, 'NOT_FOUND');
    return upload;
  };

  const form = (id: string): PostForm => ({
    kind: 'post',
    url: `${options.storage()}/storage/form`,
    fields: { key: id },
    expiresAt: expiresAt(model.urlLife),
  });

  const api: Record<Exclude<What, 'put' | 'post'>, (id: string, body: never) => unknown> = {
    create: (_id, body: CreateUploadRequest) => {
      ids += 1;
      const id = `01J${String(ids).padStart(23, '0')}`;
      model.uploads.set(id, { claims: body, chunks: new Map(), original: null, judged: false });
      const life = expiresAt(model.urlLife);
      const upload =
        body.transport === 'chunks'
          ? {
              kind: 'chunks',
              unitBytes: UNIT,
              maxChunkBytes: 8_388_608,
              chunks: (body.chunks ?? []).map((chunk) => signed(id, chunk)),
              expiresAt: life,
            }
          : form(id);
      const token = { uploadToken: `token-${id}`, expiresAt: expiresAt(TOKEN_LIFE_MS) };
      return { imageId: id, ...token, upload, ...(body.form === true && { form: form(id) }) };
    },
    chunks: (id, body: { chunks: ChunkOrder[]; judged?: boolean }) => {
      const upload = find(id);
      const head = upload.chunks.get(0);
      if (head !== undefined && body.judged !== true) {
        const code = model.verdict(head.subarray(0, UNIT));
        if (code !== null) throw new Refusal(409, code);
        upload.judged = true;
      }
      return {
        chunks: body.chunks.map((chunk) => signed(id, chunk)),
        judged: upload.judged,
        expiresAt: expiresAt(model.urlLife),
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
      model.uploads.delete(id);
      return null;
    },
  };

  const put = (url: URL, bytes: Buffer): void => {
    const [, , id = '', offset] = url.pathname.split('/');
    if (Number(url.searchParams.get('until')) < options.now()) throw new Refusal(403, 'AccessDenied');
    if (bytes.length !== Number(url.searchParams.get('size'))) throw new Refusal(403, 'SignatureDoesNotMatch');
    if (sha256(bytes) !== url.searchParams.get('sha')) throw new Refusal(400, 'XAmzContentChecksumMismatch');
    find(id).chunks.set(Number(offset), bytes);
  };
  const act = (what: What, { url, bytes, form }: CloudRequest): string => {
    const parsed = new URL(url);
    if (what === 'put') put(parsed, bytes);
    else if (what === 'post') find(form?.key ?? '').original = form?.file ?? null;
    else {
      const body = bytes.length === 0 ? null : (JSON.parse(bytes.toString()) as unknown);
      return JSON.stringify(api[what](parsed.pathname.split('/')[2] ?? '', body as never));
    }
    return '';
  };
  const model: CloudModel = {
    uploads: new Map(),
    verdict: () => null,
    urlLife: 900_000,
    answer: (request) => {
      const what = whatOf(request.method, new URL(request.url).pathname);
      try {
        return { status: 200, text: act(what, request) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { status, code, resend } = error;
        if (what === 'put' || what === 'post') return { status, text: `<Error><Code>${code}</Code></Error>` };
        return { status, text: JSON.stringify({ code, message: code, requestId: 'r', resend }) };
      }
    },
  };
  return model;
};
