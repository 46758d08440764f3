import { randomUUID } from 'node:crypto';
import type { InvokeFunction, StreamFunction } from '../ports.ts';
import type { CloudContext } from '../service.ts';
import { INTERNAL_ERROR, toHttpAnswer, type HttpAnswer } from './answer.ts';
import type { CorsRules } from './cors.ts';
import { payloadV2, type HttpCall } from './event.ts';
import { streamAnswer } from './streamed.ts';

/** Whether an answer is sent when it is complete, at most 6 MiB, or as it comes. */
export type InvokeMode = 'BUFFERED' | 'RESPONSE_STREAM';

/** Lambda's limit for an answer that is not streamed, in bytes. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024;

/** A function that has a URL. */
export interface FunctionUrlConfig {
  readonly functionName: string;
  /** `aws_iam`: only signed callers, of which CloudFront is one; `none`: everybody. */
  readonly authorizer: 'aws_iam' | 'none';
  readonly cors: CorsRules | undefined;
  readonly invokeMode: InvokeMode;
}

/** A request to a function URL made inside the process, as CloudFront makes one through origin access control. */
export interface UrlRequest {
  readonly method: string;
  /** Percent-encoded path */
  readonly path: string;
  /** Without `?` */
  readonly query?: string;
  /** Lower-case names */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Invokes a function by its URL's payload format (2.0) and gives the HTTP answer. Throws AwsError ResourceNotFoundException. */
export type InvokeUrl = (functionName: string, request: UrlRequest) => Promise<HttpAnswer>;

/** `name.lambda-url.…` → `name`; undefined for other hosts. */
export function functionOfHost(host: string): string | undefined {
  return /^([^.]+)\.lambda-url\./i.exec(host)?.[1];
}

/** `/_url/name/rest` → name and `/rest`; undefined for other paths. */
export function functionOfPath(path: string): { name: string; path: string } | undefined {
  const match = /^\/_url\/([^/]+)(\/.*)?$/.exec(path);
  return match?.[1] === undefined ? undefined : { name: decodeURIComponent(match[1]), path: match[2] ?? '/' };
}

/** The event that the URL of a function makes of a request. */
export function urlEvent(name: string, call: HttpCall, accountId: string): Record<string, unknown> {
  return payloadV2(call, { routeKey: '$default', pathParameters: undefined, accountId, apiId: name });
}

/** Calls a function as its URL in mode BUFFERED does. */
export async function callFunctionUrl(
  name: string,
  call: HttpCall,
  ports: { invoke: InvokeFunction; accountId: string },
): Promise<HttpAnswer> {
  const answer = toHttpAnswer(await ports.invoke(name, urlEvent(name, call, ports.accountId)));
  return answer.body.length > MAX_ANSWER_BYTES ? INTERNAL_ERROR : answer;
}

/** A streamed answer, gathered. A cut one is an error: nobody may take the beginning of a picture for a picture. */
async function gatherAnswer(stream: StreamFunction, name: string, event: unknown): Promise<HttpAnswer> {
  const pieces: Buffer[] = [];
  let head: Omit<HttpAnswer, 'body'> = INTERNAL_ERROR;
  const end = await streamAnswer(
    stream,
    { name, event },
    { head: (given) => (head = given), write: (chunk) => pieces.push(chunk) },
  );
  return end === 'whole' ? { ...head, body: Buffer.concat(pieces) } : INTERNAL_ERROR;
}

export interface UrlPorts {
  readonly invoke: InvokeFunction;
  readonly stream: StreamFunction;
  readonly modeOf: (functionName: string) => InvokeMode;
}

/** The in-process way to a function URL, of either mode. */
export function createInvokeUrl(context: CloudContext, { invoke, stream, modeOf }: UrlPorts): InvokeUrl {
  const { accountId } = context;
  return (functionName, request) => {
    const call: HttpCall = {
      requestId: randomUUID(),
      method: request.method,
      path: request.path,
      query: request.query ?? '',
      headers: { host: `${functionName}.lambda-url.localhost`, ...request.headers },
      body: request.body ?? Buffer.alloc(0),
      sourceIp: '127.0.0.1',
      time: context.now(),
    };
    return modeOf(functionName) === 'RESPONSE_STREAM'
      ? gatherAnswer(stream, functionName, urlEvent(functionName, call, accountId))
      : callFunctionUrl(functionName, call, { invoke, accountId });
  };
}
