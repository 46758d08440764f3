import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, type HttpService } from '../service.ts';
import { MAX_PAYLOAD_BYTES, readBody, sendJson } from './http.ts';
import type { EventSourceMapping } from './mapping.ts';
import type { DeployedFunction, FunctionRuntime } from './runtime.ts';

export interface RestApiOptions {
  readonly runtime: FunctionRuntime;
  readonly mappings: () => readonly EventSourceMapping[];
  /** Accepts an asynchronous invocation durably; returns its id. */
  readonly invokeLater: (functionName: string, payload: string) => string;
}

/** Lambda's limit for the payload of an asynchronous invocation. */
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly parameters: readonly string[];
}

type Operation = (call: Call, options: RestApiOptions) => Promise<void> | void;

function configurationOf({ spec }: DeployedFunction): Record<string, unknown> {
  return {
    FunctionName: spec.name,
    FunctionArn: spec.arn,
    Runtime: spec.runtime,
    Role: spec.arn.replace(':lambda:', ':iam:').replace(/function:.*/, 'role/local'),
    Handler: spec.handler,
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMb,
    Environment: { Variables: spec.environment },
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['arm64'],
  };
}

function parsePayload(body: Buffer): string {
  const text = body.length === 0 ? '{}' : body.toString('utf8');
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${String(cause)}`, {
      cause,
    });
  }
  return text;
}

async function invoke({ request, response, parameters }: Call, options: RestApiOptions): Promise<void> {
  const target = options.runtime.find(parameters[0] ?? '');
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const isAsync = type === 'Event';
  const payload = parsePayload(await readBody(request, isAsync ? MAX_ASYNC_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES));
  if (type === 'DryRun') {
    response.writeHead(204).end();
    return;
  }
  if (isAsync) {
    options.invokeLater(target.spec.name, payload);
    response.writeHead(202).end();
    return;
  }
  const record = await options.runtime.run(target.spec.name, payload);
  const headers: Record<string, string> = { 'x-amz-executed-version': '$LATEST' };
  if (record.functionError) headers['x-amz-function-error'] = record.functionError;
  if (request.headers['x-amz-log-type'] === 'Tail') {
    // Output travels through a pipe, the answer through another: give the pipe one turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    headers['x-amz-log-result'] = Buffer.from(target.log.tail).toString('base64');
  }
  sendJson(response, { status: 200, body: record.payload, headers });
}

const OPERATIONS: readonly { method: string; path: RegExp; run: Operation }[] = [
  { method: 'POST', path: /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, run: invoke },
  {
    method: 'GET',
    path: /^\/2015-03-31\/functions\/?$/,
    run: ({ response }, { runtime }) => {
      sendJson(response, { status: 200, body: { Functions: runtime.functions.map(configurationOf) } });
    },
  },
  {
    method: 'GET',
    path: /^\/2015-03-31\/functions\/([^/]+)$/,
    run: ({ response, parameters }, { runtime }) => {
      const found = runtime.find(parameters[0] ?? '');
      const concurrency =
        found.spec.reservedConcurrency === undefined
          ? {}
          : { Concurrency: { ReservedConcurrentExecutions: found.spec.reservedConcurrency } };
      sendJson(response, {
        status: 200,
        body: {
          Configuration: configurationOf(found),
          Code: { RepositoryType: 'local' },
          ...concurrency,
        },
      });
    },
  },
  {
    method: 'GET',
    path: /^\/2015-03-31\/functions\/([^/]+)\/configuration$/,
    run: ({ response, parameters }, { runtime }) => {
      sendJson(response, { status: 200, body: configurationOf(runtime.find(parameters[0] ?? '')) });
    },
  },
  {
    method: 'GET',
    path: /^\/2015-03-31\/event-source-mappings\/?$/,
    run: ({ response, url }, options) => {
      sendJson(response, { status: 200, body: { EventSourceMappings: listMappings(url, options) } });
    },
  },
];

function listMappings(url: URL, { mappings, runtime }: RestApiOptions): unknown[] {
  const name = url.searchParams.get('FunctionName');
  const source = url.searchParams.get('EventSourceArn');
  const wanted = name === null ? undefined : runtime.find(name).spec.name;
  return mappings()
    .map(({ options: { id, trigger } }) => ({ id, trigger }))
    .filter(
      ({ trigger }) =>
        (wanted === undefined || trigger.functionName === wanted) && (source === null || trigger.queueArn === source),
    )
    .map(({ id, trigger }) => ({
      UUID: id,
      BatchSize: trigger.batchSize,
      MaximumBatchingWindowInSeconds: trigger.windowSeconds,
      EventSourceArn: trigger.queueArn,
      FunctionArn: runtime.find(trigger.functionName).spec.arn,
      State: trigger.enabled ? 'Enabled' : 'Disabled',
      FunctionResponseTypes: trigger.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
      ...(trigger.maximumConcurrency === undefined
        ? {}
        : { ScalingConfig: { MaximumConcurrency: trigger.maximumConcurrency } }),
    }));
}

function answerError(response: ServerResponse, error: unknown): void {
  if (!(error instanceof AwsError)) throw error;
  const body = { Type: error.status < 500 ? 'User' : 'Service', Message: error.message, message: error.message };
  sendJson(response, { status: error.status, body, headers: { 'x-amzn-errortype': error.code } });
}

/** Lambda's REST API: Invoke, ListFunctions, GetFunction, GetFunctionConfiguration, ListEventSourceMappings. */
export function createRestApi(options: RestApiOptions): HttpService {
  return {
    async handle(request, response, { requestId }) {
      response.setHeader('x-amzn-requestid', requestId);
      const url = new URL(request.url ?? '/', 'http://localhost');
      try {
        for (const { method, path, run } of OPERATIONS) {
          const match = request.method === method ? path.exec(url.pathname) : null;
          if (!match) continue;
          await run({ request, response, url, parameters: match.slice(1).map(decodeURIComponent) }, options);
          return;
        }
        throw new AwsError(
          'UnknownOperationException',
          `expected an operation of Lambda that is emulated but received ${request.method ?? ''} ${url.pathname}`,
          { status: 404 },
        );
      } catch (error) {
        answerError(response, error);
      }
    },
  };
}
