// One execution environment: imports one handler and runs one invocation at a time, as Lambda's Node runtime does.
// Plain JavaScript on purpose: every cold start pays for this file, and stripping types would cost it 30 ms and a compiler in memory.
// Messages in:  { id, event, deadlineMs, arn }          event is JSON text, deadline in ms since the epoch
// Messages out: { ready: true } | { initError } | { id, payload } | { id, error, dying? }       payload is JSON text
// and, before the end of a streamed answer, { id, chunk, contentType } for each piece of it.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';

const [file, exportName, compileCache] = process.argv.slice(2);

// The parent is gone (even by kill -9): there is nobody to work for.
process.on('disconnect', () => process.exit(0));
enableCompileCache(compileCache);

let current;
let isFlushed = false;

/** The form in which Lambda reports an error: the name of the error's class is what Retry and Catch match. */
function describe(error) {
  if (error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)) {
    return {
      errorType: error.name ?? 'Error',
      errorMessage: String(error.message),
      trace: String(error.stack ?? '').split('\n'),
    };
  }
  return {
    errorType: typeof error,
    errorMessage: typeof error === 'string' ? error : JSON.stringify(error),
    trace: [],
  };
}

function dieWith(error, status) {
  console.error(JSON.stringify(error));
  if (!current) process.exit(status);
  process.send({ id: current, error, dying: true }, () => process.exit(status));
}

process.on('uncaughtException', (error) =>
  dieWith({ ...describe(error), errorType: error?.name ?? 'Runtime.UncaughtException' }, 129),
);
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace, errorType } = describe(reason);
  dieWith(
    { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: `${errorType}: ${errorMessage}`, trace },
    128,
  );
});

function contextOf({ id, deadlineMs, arn }) {
  const env = process.env;
  return {
    awsRequestId: id,
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: arn,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    done() {},
    fail() {},
    succeed() {},
  };
}

/** Runs a handler of either style: one that returns a promise or a value, or one that takes a callback. */
function run(handler, event, context) {
  if (handler.length < 3) return Promise.resolve(handler(event, context));
  return new Promise((resolve, reject) => {
    const answer = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (typeof answer?.then === 'function') answer.then(resolve, reject);
  });
}

/** What a streaming handler writes to. Lambda's runtime lets a prelude in before the first write (HttpResponseStream). */
class ResponseStream extends Writable {
  contentType = 'application/octet-stream';

  constructor(id) {
    super();
    this.id = id;
  }

  setContentType(type) {
    this.contentType = type;
  }

  _write(chunk, _encoding, done) {
    const before = this._onBeforeFirstWrite;
    this._onBeforeFirstWrite = undefined;
    before?.((part) => this.#send(Buffer.from(part)));
    this.#send(chunk, done);
  }

  #send(chunk, done = undefined) {
    process.send({ id: this.id, chunk, contentType: this.contentType }, done);
  }
}

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const PRELUDE_END = new Uint8Array(8);

/** The global of Lambda's Node runtime that response streaming goes by. */
globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = 'response';
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType(PRELUDE_TYPE);
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(PRELUDE_END);
      };
      return stream;
    },
  },
};

/** Runs a streaming handler until its stream has ended: its answer has gone out in chunks. */
async function runStreaming(handler, event, context) {
  const stream = new ResponseStream(context.awsRequestId);
  const ended = finished(stream);
  ended.catch(() => undefined); // reported by the handler, or below
  await handler(event, stream, context);
  await ended;
}

async function invoke(handler, message) {
  current = message.id;
  try {
    const start = handler[STREAMING] === undefined ? run : runStreaming;
    const result = await start(handler, JSON.parse(message.event), contextOf(message));
    process.send({ id: message.id, payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    process.send({ id: message.id, error: describe(error) });
  } finally {
    current = undefined;
    // Once, after the answer: this process ends by SIGKILL and would not write the cache at its end.
    if (!isFlushed) setImmediate(flushCompileCache);
    isFlushed = true;
  }
}

async function load() {
  const module = await import(pathToFileURL(file).href);
  const handler = module[exportName] ?? module.default?.[exportName];
  if (typeof handler === 'function') return handler;
  const error = new Error(`${exportName} is undefined or not exported`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
}

try {
  const handler = await load();
  process.on('message', (message) => void invoke(handler, message));
  process.send({ ready: true });
} catch (error) {
  process.send({ initError: describe(error) }, () => process.exit(1));
}
