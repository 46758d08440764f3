import type { ServerResponse } from 'node:http';
import type { StoredAnswer } from './cache.ts';

export interface ViewerHeaders {
  readonly method: string;
  readonly range: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** `bytes=-N`: the last N bytes; `bytes=A-` and `bytes=A-B`: from A, to B at most. */
const bounds = (first: string, last: string, size: number): { start: number; end: number } => {
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size - 1 };
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
};

/** One byte range of `size` bytes (RFC 9110 §14.1.2), inclusive; undefined when it cannot be satisfied or is not a single range. */
const parseRange = (range: string, size: number): { start: number; end: number } | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  const found = bounds(first, last, size);
  return found.start <= found.end && found.start < size ? found : undefined;
};

const matches = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch === '*' ||
  ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));

interface Framed {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const framed = (answer: StoredAnswer, viewer: ViewerHeaders): Framed => {
  const { status, body } = answer;
  const headers = { ...answer.headers };
  if (status !== 200) return { status, headers, body };
  const etag = headers['etag'];
  if (viewer.ifNoneMatch !== undefined && etag !== undefined && matches(viewer.ifNoneMatch, etag))
    return { status: 304, headers, body: Buffer.alloc(0) };
  if (viewer.range === undefined) return { status, headers, body };
  const range = parseRange(viewer.range, body.length);
  if (range === undefined)
    return { status: 416, headers: { 'content-range': `bytes */${body.length}` }, body: Buffer.alloc(0) };
  headers['content-range'] = `bytes ${range.start}-${range.end}/${body.length}`;
  return { status: 206, headers, body: body.subarray(range.start, range.end + 1) };
};

/** Headers of one hop, or that this server writes itself. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
]);

export interface Reply {
  readonly answer: StoredAnswer;
  readonly viewer: ViewerHeaders;
  /** Headers that win over the origin's. */
  readonly extra: Readonly<Record<string, string>>;
}

/** Writes an answer as the viewer asked for it: whole, one range, 304, or headers only for HEAD. */
export const respond = (response: ServerResponse, { answer, viewer, extra }: Reply): void => {
  const { status, headers, body } = framed(answer, viewer);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !DROPPED.has(name)));
  const length = status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(status, { 'accept-ranges': 'bytes', ...kept, ...extra, ...length });
  response.end(viewer.method === 'HEAD' ? undefined : body);
};
