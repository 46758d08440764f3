import type { IncomingHttpHeaders } from 'node:http';

/** One HTTP request as the gateway has read it. */
export interface HttpCall {
  readonly requestId: string;
  readonly method: string;
  /** Path of the request line, percent-encoded, without the query. */
  readonly path: string;
  /** Query of the request line without `?`. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly sourceIp: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface EventTarget {
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly accountId: string;
  /** Short id of the API or of the function URL. */
  readonly apiId: string;
}

/** Content types whose bodies reach the function as text; all others come as Base64. */
const TEXT_TYPES = /^(text\/|application\/(json|javascript|xml)\b|[^;]+\+(json|xml)\b)/i;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2026:19:03:58 +0000` */
function commonLogTime(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

function eventHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && name !== 'cookie') result[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return result;
}

/** Decoded parameters, several values of one name joined by commas; undefined without any. */
function queryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const result: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query))
    result[name] = name in result ? `${result[name] ?? ''},${value}` : value;
  return result;
}

function bodyFields({ body, headers }: HttpCall): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const type = headers['content-type'];
  const isText = type === undefined ? body.equals(Buffer.from(body.toString('utf8'))) : TEXT_TYPES.test(type);
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

function cookiesOf(headers: IncomingHttpHeaders): string[] | undefined {
  const text = headers.cookie;
  return text === undefined ? undefined : text.split(/;\s*/).filter((cookie) => cookie !== '');
}

function requestContext(call: HttpCall, target: EventTarget): Record<string, unknown> {
  const domainName = call.headers.host ?? 'localhost';
  return {
    accountId: target.accountId,
    apiId: target.apiId,
    domainName,
    domainPrefix: domainName.split('.')[0] ?? domainName,
    http: {
      method: call.method,
      path: call.path,
      protocol: 'HTTP/1.1',
      sourceIp: call.sourceIp,
      userAgent: call.headers['user-agent'] ?? '',
    },
    requestId: call.requestId,
    routeKey: target.routeKey,
    stage: '$default',
    time: commonLogTime(call.time),
    timeEpoch: call.time,
  };
}

/**
 * The event of payload format 2.0, for HTTP APIs and function URLs alike.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function payloadV2(call: HttpCall, target: EventTarget): Record<string, unknown> {
  const { body, isBase64Encoded } = bodyFields(call);
  const optional = {
    cookies: cookiesOf(call.headers),
    queryStringParameters: queryParameters(call.query),
    pathParameters: target.pathParameters,
    body,
  };
  return {
    version: '2.0',
    routeKey: target.routeKey,
    rawPath: call.path,
    rawQueryString: call.query,
    headers: eventHeaders(call.headers),
    requestContext: requestContext(call, target),
    isBase64Encoded,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}
