import { route } from '../../core/route.ts';
import { answerBody, viewerOf } from '../../core/viewer.ts';

type Values = Record<string, { value: string } | undefined>;

/** The part of a CloudFront Functions event (version 1.0) that is read. */
export interface ViewerRequestEvent {
  readonly request: { method: string; uri: string; querystring: Values; headers: Values };
}

/** CloudFront Function, viewer request: negotiates and leaves one canonical path as the whole cache key. */
export const handler = (event: ViewerRequestEvent): unknown => {
  const request = event.request;
  const viewer = viewerOf(
    (name) => request.headers[name]?.value ?? '',
    (name) => request.querystring[name]?.value ?? '',
  );
  const target = route(request.uri, viewer);
  if (target.kind === 'rewrite') {
    request.uri = target.uri;
    request.querystring = {};
    return request;
  }
  return {
    statusCode: target.status,
    statusDescription: target.status === 400 ? 'Bad Request' : 'Not Found',
    headers: {
      'content-type': { value: 'application/json' },
      'cache-control': { value: 'public, max-age=60' },
      'x-content-type-options': { value: 'nosniff' },
    },
    body: answerBody(target.code, target.message),
  };
};
