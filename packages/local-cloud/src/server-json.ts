import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './read-body.ts';
import { type ActionRequest, AwsError, type JsonService, type Log } from './service.ts';

export interface JsonRoute {
  readonly services: ReadonlyMap<string, JsonService>;
  /** Aborted when the server closes, so that long polls end. */
  readonly closing: AbortController;
  readonly log: Log;
}

interface JsonCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** `X-Amz-Target`: `{targetPrefix}.{Action}`. */
  readonly target: string;
}

/** DynamoDB's BatchWriteItem and BatchGetItem are the largest: 16 MB of items, more as JSON. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const SQS_PREFIX = 'AmazonSQS';
/**
 * SQS keeps the error codes of its old Query protocol in `x-amzn-query-error`, and SDK 3 finds the error's class by them
 * (`awsQueryError` in the SDK's model of SQS). Codes that are missing here are the same in both protocols.
 */
const SQS_QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  QueueDeletedRecently: 'AWS.SimpleQueueService.QueueDeletedRecently',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

/** Makes its signal only when an action asks for it: most never wait. */
class LiveRequest implements ActionRequest {
  readonly requestId: string;
  readonly headers: IncomingMessage['headers'];
  readonly #response: ServerResponse;
  readonly #closing: AbortController;
  #signal: AbortSignal | undefined;

  constructor(call: JsonCall, closing: AbortController) {
    this.requestId = call.requestId;
    this.headers = call.request.headers;
    this.#response = call.response;
    this.#closing = closing;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#listen();
    return this.#signal;
  }

  #listen(): AbortSignal {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    const { signal: closing } = this.#closing;
    if (closing.aborted || this.#response.destroyed) abort();
    closing.addEventListener('abort', abort, { once: true });
    this.#response.once('close', () => {
      closing.removeEventListener('abort', abort);
      if (!this.#response.writableFinished) abort();
    });
    return controller.signal;
  }
}

function parseInput(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.', { cause });
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  throw new AwsError(
    'SerializationException',
    'expected a JSON object for the request body but received something else',
  );
}

function findAction(target: string, services: ReadonlyMap<string, JsonService>) {
  const dot = target.lastIndexOf('.');
  const service = services.get(target.slice(0, dot));
  const name = target.slice(dot + 1);
  const action = service && Object.hasOwn(service.actions, name) ? service.actions[name] : undefined;
  if (service && action) return { service, action };
  throw new AwsError('UnknownOperationException', `The operation ${target} is not known.`);
}

function toAwsError(error: unknown, call: JsonCall, log: Log): AwsError {
  if (error instanceof AwsError) return error;
  log('error', 'internal failure', { requestId: call.requestId, target: call.target, cause: error });
  return new AwsError('InternalFailure', 'The request failed because of an unknown error.', {
    status: 500,
    cause: error,
  });
}

function send(
  response: ServerResponse,
  status: number,
  answer: { headers: Record<string, string>; body: string },
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

function sendError(call: JsonCall, error: AwsError, contentType: string): void {
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-amzn-requestid': call.requestId,
    'x-amzn-errortype': error.code,
  };
  if (call.target.startsWith(`${SQS_PREFIX}.`)) {
    const code = SQS_QUERY_CODES[error.code] ?? error.code;
    headers['x-amzn-query-error'] = `${code};${error.status >= 500 ? 'Receiver' : 'Sender'}`;
  }
  // An unread rest of the body would stand before the next request on this connection.
  if (!call.request.complete) headers['connection'] = 'close';
  send(call.response, error.status, {
    headers,
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
  });
}

/** Answers one request of the AWS JSON protocols (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html). */
export async function answerJson(call: JsonCall, route: JsonRoute): Promise<void> {
  let contentType = 'application/x-amz-json-1.0' as string;
  try {
    const { service, action } = findAction(call.target, route.services);
    contentType = service.contentType;
    const input = parseInput(await readBody(call.request, MAX_BODY_BYTES));
    const output = (await action(input, new LiveRequest(call, route.closing))) ?? {};
    const headers = { 'content-type': contentType, 'x-amzn-requestid': call.requestId };
    send(call.response, 200, { headers, body: JSON.stringify(output) });
  } catch (error) {
    // A client that went away in the middle of its own body is no failure of ours.
    if (call.request.destroyed && !call.request.complete) return;
    sendError(call, toAwsError(error, call, route.log), contentType);
  }
}
