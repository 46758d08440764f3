import type { StreamFunction } from '../ports.ts';
import { isDict, listOf } from '../stack/values.ts';
import { answerHeaders, INTERNAL_ERROR, type HttpAnswer } from './answer.ts';

/** Takes a streamed answer as it comes. `head` is called once, before any `write`. */
export interface AnswerSink {
  readonly head: (head: Omit<HttpAnswer, 'body'>) => void;
  readonly write: (chunk: Buffer) => void;
}

/** How an answer ended: `cut` when the function failed after its head had gone out. */
export type StreamEnd = 'whole' | 'cut';

const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
/** Eight zero bytes stand between status and headers (JSON) and the body. */
const PRELUDE_END = Buffer.alloc(8);
/** A prelude longer than this never ends, in bytes. */
const MAX_PRELUDE_BYTES = 64 * 1024;

type Head = Omit<HttpAnswer, 'body'>;

const { body: FAILED_BODY, ...FAILED_HEAD } = INTERNAL_ERROR;

/** Status, headers and cookies of a prelude; undefined when it is none. */
function headOf(text: string): Head | undefined {
  let prelude: unknown;
  try {
    prelude = JSON.parse(text);
  } catch {
    // Not JSON: the function wrote something else under the prelude's content type.
    return undefined;
  }
  if (!isDict(prelude)) return undefined;
  const status = Number(prelude.statusCode ?? 200);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const headers = { 'content-type': 'application/octet-stream', ...answerHeaders(prelude.headers) };
  return { status, headers, cookies: listOf(prelude.cookies).map(String) };
}

/** Cuts a streamed answer into head and body. */
class StreamReader {
  readonly #sink: AnswerSink;
  #held = Buffer.alloc(0);
  state: 'prelude' | 'body' | 'broken' = 'prelude';

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer, contentType: string): void {
    if (this.state === 'broken') return;
    if (this.state === 'body') this.#sink.write(chunk);
    else if (contentType === PRELUDE_TYPE) this.#readPrelude(chunk);
    else this.begin({ status: 200, headers: { 'content-type': contentType }, cookies: [] }, chunk);
  }

  begin(head: Head, body: Buffer): void {
    this.state = 'body';
    this.#sink.head(head);
    if (body.length > 0) this.#sink.write(body);
  }

  #readPrelude(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    const end = this.#held.indexOf(PRELUDE_END);
    if (end === -1) {
      if (this.#held.length > MAX_PRELUDE_BYTES) this.state = 'broken';
      return;
    }
    const head = headOf(this.#held.toString('utf8', 0, end));
    if (head === undefined) this.state = 'broken';
    else this.begin(head, this.#held.subarray(end + PRELUDE_END.length));
  }
}

/**
 * Invokes a function as a URL with InvokeMode RESPONSE_STREAM does. What a function that does not stream returns is the body
 * as it is, envelope and all: AWS reads payload format 2.0 in mode BUFFERED only.
 */
export async function streamAnswer(
  stream: StreamFunction,
  { name, event }: { name: string; event: unknown },
  sink: AnswerSink,
): Promise<StreamEnd> {
  const reader = new StreamReader(sink);
  const { payload, functionError } = await stream(name, event, (chunk, type) => {
    reader.push(chunk, type);
  });
  if (reader.state === 'body') return functionError ? 'cut' : 'whole';
  if (functionError || reader.state === 'broken') reader.begin(FAILED_HEAD, FAILED_BODY);
  else
    reader.begin(
      { status: 200, headers: { 'content-type': 'application/json' }, cookies: [] },
      Buffer.from(JSON.stringify(payload ?? null)),
    );
  return 'whole';
}
