import { ladder, type Tier, widthsOf } from '@darkroom/types/ladder';
import { imageIdSchema, versionSchema } from '@darkroom/types/ids';
import { parseVariantKey, variantKey } from '@darkroom/types/keys';

/** One viewer who was sent a whole AVIF. */
export interface View {
  /** Key of the rendition. */
  readonly key: string;
  /** Its rung; width in pixels. */
  readonly width: number;
  readonly tier: Tier;
  /** Bytes that were sent. */
  readonly bytes: number;
  /** CloudFront's id of the request. */
  readonly requestId: string;
}

/** Reads the lines of one log file, in order. Answers a view, or undefined for anything else. */
export type ReadLine = (line: string) => View | undefined;

/** Longest line that is looked at, in characters: CloudFront cuts requests off at 20 KB. */
const MAX_LINE = 32_768;
const FIELDS = '#Fields: ';
const NEGOTIATED = /^\/i\/([0-9A-Z]{26})\/([0-9a-f]{12})$/;
/** Pixels in `?w=`, as the edge takes them: any number above zero. */
const MAX_ASKED = 1e6;

const rungFor = (widths: readonly number[], wanted: number): number =>
  widths.find((width) => width >= wanted) ?? widths.at(-1) ?? wanted;

/** The tier that `?t=` asks for, as the edge takes it. */
const tierFor = (asked: string | null): Tier => (asked === 'l' || asked === 's' ? asked : 'n');

/**
 * The rung that `?w=` and `?t=` of a negotiated address ask for, as the edge picks it for a viewer without hints. Undefined without
 * `w`: what such a viewer got hangs on headers that no log holds.
 */
const negotiatedKey = (path: string, query: string): string | undefined => {
  const [, imageId = '', version = ''] = NEGOTIATED.exec(path) ?? [];
  if (!imageIdSchema.safeParse(imageId).success || !versionSchema.safeParse(version).success) return undefined;
  const parameters = new URLSearchParams(query);
  const wanted = Number(parameters.get('w') ?? Number.NaN);
  if (!(wanted > 0 && wanted <= MAX_ASKED)) return undefined;
  const tier = tierFor(parameters.get('t'));
  return variantKey({ imageId, version, width: rungFor(widthsOf(ladder, tier), wanted), tier, format: 'avif' });
};

/** The rendition that a path and query of the log stand for, as it is stored: low tiers below `lowTierFrom` are normal ones. */
const renditionOf = (path: string, query: string) => {
  const name = parseVariantKey(path.startsWith('/i/') ? (negotiatedKey(path, query) ?? '') : path.slice(1));
  if (name?.format !== 'avif') return undefined;
  const tier = name.tier === 'l' && name.width < ladder.lowTierFrom ? 'n' : name.tier;
  return { key: variantKey({ ...name, tier }), width: name.width, tier };
};

const isWholeAvif = (field: (name: string) => string): boolean =>
  field('cs-method') === 'GET' && field('sc-status') === '200' && field('sc-content-type') === 'image/avif';

const viewOf = (field: (name: string) => string): View | undefined => {
  if (!isWholeAvif(field)) return undefined;
  const rendition = renditionOf(field('cs-uri-stem'), field('cs-uri-query'));
  const bytes = Number(field('sc-bytes'));
  if (rendition === undefined || !(bytes > 0)) return undefined;
  return { ...rendition, bytes, requestId: field('x-edge-request-id') };
};

/**
 * A reader of CloudFront's standard log: tab-separated, its fields named by a `#Fields:` line (developer guide, "Log file
 * fields"). The path is the viewer's, before the edge's function; both forms of address are understood. Never throws.
 */
export const createLogReader = (): ReadLine => {
  let names: readonly string[] = [];
  return (line) => {
    if (line.length > MAX_LINE) return undefined;
    if (line.startsWith(FIELDS)) names = line.slice(FIELDS.length).trim().split(/\s+/);
    if (line.startsWith('#') || names.length === 0) return undefined;
    const values = line.split('\t');
    return viewOf((name) => values[names.indexOf(name)] ?? '');
  };
};
