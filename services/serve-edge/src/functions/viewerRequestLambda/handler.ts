import type { CloudFrontRequestEvent, CloudFrontRequestResult } from 'aws-lambda';
import { route } from '../../core/route.ts';
import { answerBody, viewerOf } from '../../core/viewer.ts';

/** The same as functions/viewerRequest, as a Lambda@Edge handler: for distributions whose viewer request must be Lambda. */
export const handler = (event: CloudFrontRequestEvent): Promise<CloudFrontRequestResult> => {
  const request = event.Records[0]?.cf.request;
  if (request === undefined) throw new TypeError('expected a CloudFront viewer request');
  const query = new URLSearchParams(request.querystring);
  const viewer = viewerOf(
    (name) => request.headers[name]?.[0]?.value ?? '',
    (name) => query.get(name) ?? '',
  );
  const target = route(request.uri, viewer);
  if (target.kind === 'rewrite') return Promise.resolve({ ...request, uri: target.uri, querystring: '' });
  return Promise.resolve({
    status: String(target.status),
    headers: {
      'content-type': [{ key: 'Content-Type', value: 'application/json' }],
      'cache-control': [{ key: 'Cache-Control', value: 'public, max-age=60' }],
      'x-content-type-options': [{ key: 'X-Content-Type-Options', value: 'nosniff' }],
    },
    body: answerBody(target.code, target.message),
  });
};
