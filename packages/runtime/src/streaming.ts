import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Hono } from 'hono';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { type HttpEnv, httpHandler } from './http.ts';

/** Set by Lambda's Node runtime, and by no other. Libraries put things of their own into the same global. */
const canStream = (): boolean => {
  const { awslambda } = globalThis as { awslambda?: { streamifyResponse?: unknown } };
  return typeof awslambda?.streamifyResponse === 'function';
};

/** The request behind an event of a function URL (payload 2.0). */
const requestOf = ({
  rawPath,
  rawQueryString,
  headers,
  body,
  isBase64Encoded,
  requestContext,
}: APIGatewayProxyEventV2) => {
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method: requestContext.http.method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
    ...(body !== undefined && { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }),
  });
};

/** Status, headers and cookies, as Lambda takes them ahead of the body. */
const preludeOf = (response: Response) => ({
  statusCode: response.status,
  headers: Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie')),
  cookies: response.headers.getSetCookie(),
});

const isStream = (value: unknown): boolean => typeof (value as { write?: unknown } | undefined)?.write === 'function';

const streaming = (app: Hono<HttpEnv>) => {
  const whole = httpHandler(app);
  return awslambda.streamifyResponse<APIGatewayProxyEventV2, unknown>(async (event, stream, context: Context) => {
    // serverless-offline has the decorator and no streams: it calls every handler with event and context.
    if (!isStream(stream)) return whole(event as unknown as LambdaEvent, stream as unknown as LambdaContext);
    const response = await app.fetch(requestOf(event), { lambdaContext: context as unknown as LambdaContext });
    const answer = awslambda.HttpResponseStream.from(stream, preludeOf(response));
    // The prelude goes out with the first write, so there must be one.
    if (response.body === null) answer.write('');
    else await pipeline(Readable.fromWeb(response.body as ReadableStream), answer);
    answer.end();
    return undefined;
  });
};

/**
 * The Lambda handler of an app behind a function URL with InvokeMode RESPONSE_STREAM: its answers may be larger than the 6 MiB
 * of those that are not streamed. Where the runtime cannot stream (`sls offline`, tests), it answers like httpHandler.
 */
export const streamingHttpHandler = (app: Hono<HttpEnv>) => (canStream() ? streaming(app) : httpHandler(app));
