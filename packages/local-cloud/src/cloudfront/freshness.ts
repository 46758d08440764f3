import type { StoredAnswer } from './cache.ts';
import type { CachePolicy, DistributionConfig } from './config.ts';

/** Errors CloudFront caches (developer guide, "How CloudFront processes HTTP 4xx and 5xx status codes"). */
const CACHED_ERRORS = new Set([400, 403, 404, 405, 410, 414, 416, 500, 501, 502, 503, 504]);
/** How long an error is cached when nothing says otherwise, in seconds: CloudFront's own default. */
const ERROR_TTL = 10;

const directive = (cacheControl: string, name: string): number | undefined => {
  const [, value] = new RegExp(`(?:^|[,\\s])${name}="?(\\d+)`, 'i').exec(cacheControl) ?? [];
  return value === undefined ? undefined : Number(value);
};

const originTtl = (headers: Readonly<Record<string, string>>, now: number): number | undefined => {
  const cacheControl = headers['cache-control'] ?? '';
  if (/\b(no-store|no-cache|private)\b/i.test(cacheControl)) return 0;
  const age = directive(cacheControl, 's-maxage') ?? directive(cacheControl, 'max-age');
  if (age !== undefined) return age;
  const expires = Date.parse(headers['expires'] ?? '');
  return Number.isNaN(expires) ? undefined : Math.max(0, (expires - now) / 1000);
};

const errorTtl = (answer: StoredAnswer, config: DistributionConfig, now: number): number => {
  if (!CACHED_ERRORS.has(answer.status)) return 0;
  const minimum =
    config.CustomErrorResponses.find(({ ErrorCode }) => ErrorCode === answer.status)?.ErrorCachingMinTTL ?? ERROR_TTL;
  return Math.max(minimum, originTtl(answer.headers, now) ?? 0);
};

export interface FreshnessRules {
  readonly policy: CachePolicy | undefined;
  readonly config: DistributionConfig;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Seconds an answer stays fresh at the edge (developer guide, "Managing how long content stays in the cache"): the origin's
 * s-maxage, max-age or Expires, kept between the policy's minimum and maximum; the policy's default when the origin says nothing.
 */
export const ttlOf = (answer: StoredAnswer, { policy, config, now }: FreshnessRules): number => {
  if (answer.status >= 400) return errorTtl(answer, config, now);
  if (policy === undefined) return 0;
  const wanted = originTtl(answer.headers, now) ?? Math.max(policy.MinTTL, policy.DefaultTTL);
  return Math.min(Math.max(wanted, policy.MinTTL), policy.MaxTTL);
};
