import type { CloudContext } from '../service.ts';
import type { EdgeCache, StoredAnswer } from './cache.ts';
import type { CachePolicy, DistributionConfig } from './config.ts';
import { toOriginRequest } from './edge-request.ts';
import { ttlOf } from './freshness.ts';
import { fetchFromOrigins, type OriginPorts, type OriginRequest } from './origins.ts';
import type { EdgeRequest } from './viewer-function.ts';

/** What `X-Cache` says before ` from cloudfront`. */
export type Verdict = 'Hit' | 'Miss' | 'RefreshHit' | 'Error' | 'FunctionGeneratedResponse' | 'FunctionExecutionError';

export interface Found {
  readonly answer: StoredAnswer;
  readonly verdict: Verdict;
  /** Where the answer came from, for the counters: a cached error is a hit with the verdict Error. */
  readonly source: 'hits' | 'misses' | 'refreshHits';
  /** Seconds since the answer was stored; for hits only. */
  readonly ageSeconds?: number;
}

export interface EdgeOptions {
  readonly config: DistributionConfig;
  readonly cachePolicy: CachePolicy | undefined;
  readonly context: CloudContext;
  readonly cache: EdgeCache;
  readonly ports: OriginPorts;
}

const verdictOf = ({ status }: StoredAnswer, verdict: Verdict): Verdict => (status >= 400 ? 'Error' : verdict);

/** The part of an edge location behind the viewer's functions: cache, then origins. */
export function createEdge({ config, cachePolicy, context, cache, ports }: EdgeOptions) {
  /** Misses on their way: viewers that ask for the same thing meanwhile share one request to the origin. */
  const pending = new Map<string, Promise<StoredAnswer>>();

  /** The origin's answer, or the page that the distribution puts in the place of an error. */
  const fetchAnswer = async (request: OriginRequest): Promise<StoredAnswer> => {
    const answer = await fetchFromOrigins(config, request, ports);
    const rule = config.CustomErrorResponses.find(({ ErrorCode }) => ErrorCode === answer.status);
    if (rule?.ResponsePagePath === undefined) return answer;
    const page = await fetchFromOrigins(config, { ...request, path: rule.ResponsePagePath }, ports);
    // Without its page CloudFront gives the status of the page's own failure; the error itself says more.
    return page.status === 200 ? { ...page, status: rule.ResponseCode ?? answer.status } : answer;
  };

  const fetchAndStore = async (key: string, request: OriginRequest, held: StoredAnswer | undefined) => {
    const answer = await fetchAnswer(request);
    // An origin that is down does not take down what the edge still holds (developer guide, "stale cache").
    if (answer.status >= 500 && held?.status === 200) return held;
    cache.set(key, answer, ttlOf(answer, { policy: cachePolicy, config, now: context.now() }));
    return answer;
  };

  const collapsed = (key: string, request: OriginRequest, held: StoredAnswer | undefined): Promise<StoredAnswer> => {
    const running = pending.get(key);
    if (running !== undefined) return running;
    const started = fetchAndStore(key, request, held).finally(() => pending.delete(key));
    pending.set(key, started);
    return started;
  };

  /** Finds the answer to a request that the viewer's functions have let through. */
  return async (request: EdgeRequest): Promise<Found> => {
    const { key, origin } = toOriginRequest(request, cachePolicy);
    const held = cache.get(key);
    if (held?.fresh === true) {
      const { answer, ageSeconds } = held;
      return { answer, verdict: verdictOf(answer, 'Hit'), source: 'hits', ageSeconds };
    }
    const answer = await collapsed(key, origin, held?.answer);
    const isSame =
      held !== undefined &&
      (answer === held.answer ||
        (answer.headers.etag !== undefined && answer.headers.etag === held.answer.headers.etag));
    if (isSame) return { answer, verdict: verdictOf(answer, 'RefreshHit'), source: 'refreshHits' };
    return { answer, verdict: verdictOf(answer, 'Miss'), source: 'misses' };
  };
}
