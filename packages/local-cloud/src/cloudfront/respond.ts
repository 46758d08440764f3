import type { ServerResponse } from 'node:http';
import type { StoredAnswer } from './cache.ts';

/** What of a viewer's request decides how much of an answer is sent. */
export interface ViewerHeaders {
  readonly method: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** One byte range of `size` bytes (RFC 9110 §14.1.2), inclusive; undefined when it cannot be satisfied. */
function parseRange(first: string, last: string, size: number): { start: number; end: number } | undefined {
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end && start < size ? { start, end } : undefined;
}

const bare = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Whether the viewer holds this very answer (RFC 9110 §13.2.2): If-None-Match goes before If-Modified-Since. */
function isHeld(headers: StoredAnswer['headers'], { ifNoneMatch, ifModifiedSince }: ViewerHeaders): boolean {
  const { etag, 'last-modified': modified } = headers;
  if (ifNoneMatch !== undefined) {
    const tags = ifNoneMatch.split(',').map(bare);
    return tags.includes('*') || (etag !== undefined && tags.includes(bare(etag)));
  }
  if (ifModifiedSince === undefined || modified === undefined) return false;
  return Date.parse(modified) <= Date.parse(ifModifiedSince);
}

/** Whether a range may be sent: If-Range names what the viewer holds the rest of (RFC 9110 §13.1.5). */
function isSameAs(headers: StoredAnswer['headers'], ifRange: string | undefined): boolean {
  return ifRange === undefined || ifRange === headers.etag || ifRange === headers['last-modified'];
}

/** The part of an answer that the viewer asked for. */
function framed(answer: StoredAnswer, viewer: ViewerHeaders): StoredAnswer {
  const { status, headers, body } = answer;
  if (status !== 200) return answer;
  if (isHeld(headers, viewer)) return { status: 304, headers, body: Buffer.alloc(0) };
  // Several ranges or another unit: the whole is a right answer too.
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(viewer.range ?? '') ?? [];
  if (first === undefined || last === undefined || `${first}${last}` === '') return answer;
  if (!isSameAs(headers, viewer.ifRange)) return answer;
  const size = body.length;
  const range = parseRange(first, last, size);
  if (range === undefined)
    return { status: 416, headers: { 'content-range': `bytes */${String(size)}` }, body: Buffer.alloc(0) };
  const contentRange = `bytes ${String(range.start)}-${String(range.end)}/${String(size)}`;
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange },
    body: body.subarray(range.start, range.end + 1),
  };
}

/** Headers of one hop, or that this server writes itself. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
]);

/** Writes an answer as the viewer asked for it: whole, one range, 304, or headers only for HEAD. Answers the bytes of body sent. */
export function respond(response: ServerResponse, answer: StoredAnswer, viewer: ViewerHeaders): number {
  const { status, headers, body } = framed(answer, viewer);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !DROPPED.has(name)));
  const ranges = answer.status === 200 ? { 'accept-ranges': 'bytes' } : {};
  const length = status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(status, { ...ranges, ...kept, ...length });
  const isEmpty = viewer.method === 'HEAD' || status === 304;
  response.end(isEmpty ? undefined : body);
  return isEmpty ? 0 : body.length;
}
