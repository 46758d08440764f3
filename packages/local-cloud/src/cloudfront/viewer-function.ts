import { createContext, Script } from 'node:vm';
import { AwsError } from '../service.ts';

/** CloudFront's quota for the code of a function, in bytes. */
const MAX_CODE_BYTES = 10_240;
/** CloudFront allows about a millisecond of compute; a hundred tells a loop without end from a busy machine. */
const TIME_LIMIT_MS = 100;

export type EdgeValues = Record<string, { value: string; multiValue?: { value: string }[] }>;

export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: EdgeValues;
  headers: EdgeValues;
  cookies: EdgeValues;
}

export interface EdgeResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, { value: string }>;
  cookies?: Record<string, { value: string; attributes?: string }>;
  body?: string | { encoding: 'text' | 'base64'; data: string };
}

export interface EdgeEvent {
  readonly type: 'viewer-request' | 'viewer-response';
  readonly requestId: string;
  readonly viewerIp: string;
  /** Host and port that the viewer asked. */
  readonly domain: string;
  readonly request: EdgeRequest;
  readonly response?: EdgeResponse;
}

/** Runs a CloudFront Function. @throws ViewerFunctionError */
export type ViewerFunction = (event: EdgeEvent) => EdgeRequest | EdgeResponse;

/** A function threw, took too long or answered nonsense. */
export class ViewerFunctionError extends Error {}

/** True when a function answered itself instead of passing the request on. */
export const isResponse = (answer: EdgeRequest | EdgeResponse): answer is EdgeResponse => 'statusCode' in answer;

function eventText({ type, requestId, viewerIp, domain, request, response }: EdgeEvent): string {
  return JSON.stringify({
    version: '1.0',
    context: { distributionDomainName: domain, distributionId: 'LOCAL', eventType: type, requestId },
    viewer: { ip: viewerIp },
    request,
    response,
  });
}

function isAnswer(value: unknown): value is EdgeRequest | EdgeResponse {
  if (typeof value !== 'object' || value === null) return false;
  if ('statusCode' in value) return Number.isInteger(value.statusCode);
  return 'uri' in value && typeof value.uri === 'string' && value.uri.startsWith('/');
}

/** Microtasks run before the call returns, so an `async` handler has ended as well, unless it waits for what is not there. */
const CALL = `
var answer;
Promise.resolve(handler(JSON.parse(event))).then(
  function (value) { answer = JSON.stringify({ value: value }); },
  function (error) { answer = JSON.stringify({ error: String(error) }); }
);`;

function answerOf(text: unknown, name: string): EdgeRequest | EdgeResponse {
  const { value, error } = JSON.parse(typeof text === 'string' ? text : '{"error":"it did not end"}') as {
    value?: unknown;
    error?: string;
  };
  if (error !== undefined) throw new ViewerFunctionError(`${name}: ${error}`);
  if (isAnswer(value)) return value;
  throw new ViewerFunctionError(`expected a request or a response from ${name} but received ${JSON.stringify(value)}`);
}

/**
 * Compiles the code of a CloudFront Function (event structure version 1.0). Each function has a context of its own that
 * holds nothing of Node's, as at the edge.
 * @throws AwsError FunctionSizeLimitExceeded, InvalidArgument for code that does not parse
 */
export function compileViewerFunction(name: string, code: string): ViewerFunction {
  const bytes = Buffer.byteLength(code);
  if (bytes > MAX_CODE_BYTES) {
    throw new AwsError(
      'FunctionSizeLimitExceeded',
      `expected at most ${String(MAX_CODE_BYTES)} bytes for the code of ${name} but received ${String(bytes)}`,
      { status: 413 },
    );
  }
  const context = createContext(
    {},
    { name, codeGeneration: { strings: false, wasm: false }, microtaskMode: 'afterEvaluate' },
  );
  const call = new Script(CALL, { filename: `${name}-call.js` });
  try {
    new Script(code, { filename: `${name}.js` }).runInContext(context, { timeout: TIME_LIMIT_MS });
  } catch (cause) {
    throw new AwsError('InvalidArgument', `expected code that runs for ${name} but received: ${String(cause)}`, {
      cause,
    });
  }
  return (event) => {
    // Values cross the border as JSON text: nothing inside can reach an object of ours.
    Object.assign(context, { event: eventText(event) });
    try {
      call.runInContext(context, { timeout: TIME_LIMIT_MS });
    } catch (cause) {
      throw new ViewerFunctionError(`${name}: ${String(cause)}`, { cause });
    }
    return answerOf(context.answer, name);
  };
}
