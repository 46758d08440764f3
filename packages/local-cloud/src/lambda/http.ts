import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../service.ts';

/** Lambda's limit for the payload of a synchronous invocation. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/**
 * The whole body of a request.
 * @param limit bytes; more gives AwsError RequestTooLargeException (413)
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped, so that the client hears the answer instead of a reset connection.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `expected at most ${String(limit)} bytes for the payload but received ${String(size)}`,
      { status: 413 },
    );
  }
  return Buffer.concat(chunks);
}

export interface JsonAnswer {
  readonly status: number;
  /** A text is taken as JSON already. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, { status, body, headers = {} }: JsonAnswer): void {
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length, ...headers });
  response.end(text);
}
