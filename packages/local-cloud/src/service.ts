import type { IncomingMessage, ServerResponse } from 'node:http';

/** What every emulated service is given when it is created. */
export interface CloudContext {
  /** Twelve digits; LocalStack's `000000000000` unless configured. */
  readonly accountId: string;
  readonly region: string;
  /** Folder that holds all state. Each service keeps its own files or SQLite database in it. */
  readonly dataDir: string;
  /** `http://127.0.0.1:PORT` of the one endpoint; a function, because the port is known only after listening. */
  readonly endpoint: () => string;
  /** Milliseconds since the epoch; a port so that expiry can be tested without waiting. */
  readonly now: () => number;
  /** Access key id → secret access key. S3 refuses requests signed by any other key. */
  readonly credentials: ReadonlyMap<string, string>;
  readonly log: Log;
}

export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

export interface ActionRequest {
  readonly requestId: string;
  readonly headers: IncomingMessage['headers'];
  /** Aborted when the client goes away, so that a dropped long poll takes no message with it. */
  readonly signal: AbortSignal;
}

export type JsonAction = (input: Record<string, unknown>, request: ActionRequest) => unknown;

/** A service of the AWS JSON protocols: `X-Amz-Target: {targetPrefix}.{Action}`. */
export interface JsonService {
  readonly targetPrefix: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  readonly actions: Readonly<Record<string, JsonAction>>;
  close?(): Promise<void> | void;
}

/** A service that speaks HTTP itself (S3, Lambda's REST API, STS's query protocol). */
export interface HttpService {
  handle(request: IncomingMessage, response: ServerResponse, context: { requestId: string }): Promise<void>;
  close?(): Promise<void> | void;
}

/** An error as AWS names it; the front turns it into the protocol's own form (JSON `__type`, S3 XML). */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further fields of the error's shape, such as `Item` on ConditionalCheckFailedException. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { status?: number; fields?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
  }
}
