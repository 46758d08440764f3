import { randomUUID } from 'node:crypto';
import type { InvokeFunction } from '../ports.ts';
import type { CloudContext } from '../service.ts';
import { toHttpAnswer, type HttpAnswer } from './answer.ts';
import type { CorsRules } from './cors.ts';
import { payloadV2, type HttpCall } from './event.ts';

/** A function that has a URL. */
export interface FunctionUrlConfig {
  readonly functionName: string;
  /** `aws_iam`: only signed callers, of which CloudFront is one; `none`: everybody. */
  readonly authorizer: 'aws_iam' | 'none';
  readonly cors: CorsRules | undefined;
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

/** Calls a function as its URL does. */
export async function callFunctionUrl(
  name: string,
  call: HttpCall,
  ports: { invoke: InvokeFunction; accountId: string },
): Promise<HttpAnswer> {
  const target = { routeKey: '$default', pathParameters: undefined, accountId: ports.accountId, apiId: name };
  const answer = toHttpAnswer(await ports.invoke(name, payloadV2(call, target)));
  return answer;
}

/** The in-process way to a function URL. */
export function createInvokeUrl(context: CloudContext, invoke: InvokeFunction): InvokeUrl {
  return (functionName, request) =>
    callFunctionUrl(
      functionName,
      {
        requestId: randomUUID(),
        method: request.method,
        path: request.path,
        query: request.query ?? '',
        headers: { host: `${functionName}.lambda-url.localhost`, ...request.headers },
        body: request.body ?? Buffer.alloc(0),
        sourceIp: '127.0.0.1',
        time: context.now(),
      },
      { invoke, accountId: context.accountId },
    );
}
