import type { InvokeResult } from '../ports.ts';
import { dictOf, isDict, listOf, textOf } from '../stack/values.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

export function jsonAnswer(status: number, body: unknown): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** What the gateway says when the function failed or answered nonsense; never the function's own error. */
export const INTERNAL_ERROR: HttpAnswer = jsonAnswer(500, { message: 'Internal Server Error' });

/** Headers that the server computes itself. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'transfer-encoding']);

/** Without a `statusCode` the whole answer is the body: a text as it is, anything else as JSON. */
function inferred(payload: unknown): HttpAnswer {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
  return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(body) };
}

export function answerHeaders(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, content] of Object.entries(dictOf(value))) {
    const text = textOf(content);
    const lower = name.toLowerCase();
    if (text !== undefined && !OWN_HEADERS.has(lower)) headers[lower] = text;
  }
  return headers;
}

function bodyOf(payload: Record<string, unknown>): Buffer {
  const { body } = payload;
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body !== 'string') return Buffer.from(JSON.stringify(body));
  return Buffer.from(body, payload.isBase64Encoded === true ? 'base64' : 'utf8');
}

/** Turns a function's answer in payload format 2.0 into HTTP, as API Gateway and function URLs do. */
export function toHttpAnswer(result: InvokeResult): HttpAnswer {
  if (result.functionError) return INTERNAL_ERROR;
  const { payload } = result;
  if (!isDict(payload) || payload.statusCode === undefined) return inferred(payload);
  const status = Number(payload.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return INTERNAL_ERROR;
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...answerHeaders(payload.headers) },
    cookies: listOf(payload.cookies).map(String),
    body: bodyOf(payload),
  };
}
