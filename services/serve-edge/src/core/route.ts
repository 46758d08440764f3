import { negotiate, servedTier, type Tier, type Viewer, widthsOf } from './negotiate.ts';

/** Either the one path that is the cache key, or an answer made at the edge. */
export type Route =
  | { readonly kind: 'rewrite'; readonly uri: string }
  | { readonly kind: 'answer'; readonly status: number; readonly code: string; readonly message: string };

// A ULID (no I, L, O, U) and a version of twelve hex digits.
const NEGOTIATED = /^\/i\/([0-7][0-9A-HJKMNP-TV-Z]{25})\/([0-9a-f]{12})$/;
const CANONICAL = /^\/v\/([0-7][0-9A-HJKMNP-TV-Z]{25})\/([0-9a-f]{12})\/([1-9]\d{0,4})-([nls])\.(avif|webp|jpeg)$/;

const notFound: Route = {
  kind: 'answer',
  status: 404,
  code: 'NOT_FOUND',
  message: 'expected /i/{imageId}/{version} or a rendition of it',
};

const canonical = (match: RegExpExecArray): Route => {
  const width = Number(match[3]);
  const tier = match[4] as Tier;
  const widths = widthsOf(tier);
  if (!widths.includes(width)) {
    return {
      kind: 'answer',
      status: 400,
      code: 'INVALID_REQUEST',
      message: `expected a width of ${widths.join(', ')} for the tier ${tier} but received ${String(width)}`,
    };
  }
  const file = `${String(width)}-${servedTier(tier, width)}.${match[5] ?? ''}`;
  return { kind: 'rewrite', uri: `/v/${match[1] ?? ''}/${match[2] ?? ''}/${file}` };
};

/**
 * Where a request goes. `/i/{imageId}/{version}` is negotiated; `/v/…` is taken as it is, if the ladder has it; nothing
 * else reaches an origin, so nobody can make endless cache entries or renditions.
 */
export const route = (path: string, viewer: Viewer): Route => {
  const asked = NEGOTIATED.exec(path);
  if (asked !== null) {
    const choice = negotiate(viewer);
    return {
      kind: 'rewrite',
      uri: `/v/${asked[1] ?? ''}/${asked[2] ?? ''}/${String(choice.width)}-${choice.tier}.${choice.format}`,
    };
  }
  const named = CANONICAL.exec(path);
  return named === null ? notFound : canonical(named);
};
