import type { ImageRecord } from '@darkroom/types/image';
import type { GetImages, QueryIds, QueryPostings } from '../ports.ts';
import { decodeCursor } from './cursor.ts';
import { gather } from './gather.ts';
import { FIRST_ID, idBefore, type IdRange, LAST_ID, rangeOf } from './id-range.ts';
import { idsInAll, nextInAll, readTerms } from './search/read-terms.ts';
import { cameraTerm, tagTerm, wordOf, wordsOf } from './search/terms.ts';
import { isVisible, type Viewer } from './visibility.ts';

/**
 * Most queries one page makes. Tombstones and other owners' images leave gaps that the next query fills; after so many
 * the page goes out as it is, with `next`, so that no request runs into the function's timeout.
 */
const MAX_ROUNDS = 10;
/** Postings read of each term when ids must be in several; of one alone, no more than are wanted. */
const JOINED_POSTINGS = 500;

export interface ListPorts {
  readonly queryIds: QueryIds;
  readonly queryPostings: QueryPostings;
  readonly getImages: GetImages;
}

export interface ListQuery {
  /** Most images on the page. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Only images with this tag, and of a camera of this make or model. */
  readonly tag?: string | undefined;
  readonly camera?: string | undefined;
  /** Only images whose upload began at `from` or later, and before `to`, in milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

interface Page {
  readonly ids: readonly string[];
  readonly next: string | undefined;
}

const newestFirst = (a: ImageRecord, b: ImageRecord): number => (a.imageId < b.imageId ? 1 : -1);

const termsOf = (viewer: Viewer, { tag, camera }: ListQuery): string[] => [
  ...(camera === undefined ? [] : [cameraTerm(viewer, camera)]),
  ...(tag === undefined ? [] : [tagTerm(viewer, tag)]),
];

/** True when the record still is what it was found as: the index may be older than the record. */
const isWanted = ({ metadata }: ImageRecord, { tag, camera }: ListQuery): boolean => {
  if (tag === undefined && camera === undefined) return true;
  if (metadata === null) return false;
  const { tags, cameras } = wordsOf(metadata);
  return (tag === undefined || tags.has(wordOf(tag))) && (camera === undefined || cameras.has(wordOf(camera)));
};

/** Ids under all of the terms, and where to read on. */
const foundIds = async (
  queryPostings: QueryPostings,
  terms: readonly string[],
  { limit, ...range }: IdRange & { readonly limit: number },
): Promise<Page> => {
  const read = await readTerms(queryPostings, terms, { ...range, limit: terms.length === 1 ? limit : JOINED_POSTINGS });
  const all = idsInAll(read);
  const ids = all.slice(0, limit);
  const last = ids.at(-1);
  return { ids, next: all.length > limit && last !== undefined ? idBefore(last) : nextInAll(read) };
};

/** The newest id that may be on the page; undefined when none can be. Throws INVALID_REQUEST for a cursor that this viewer was not given. */
const startOf = (viewer: Viewer, cursor: string | undefined, range: IdRange | undefined): string | undefined => {
  const reached = cursor === undefined ? LAST_ID : decodeCursor(cursor, viewer);
  if (range === undefined) return undefined;
  const start = reached < range.upTo ? reached : range.upTo;
  return start < range.from ? undefined : start;
};

/**
 * One page of a viewer's images, newest first (ids are ULIDs, so the order of ids is the order of time). A page may be
 * short while `next` is not null. Throws INVALID_REQUEST for a cursor that this viewer was not given.
 */
export const listImages = async (
  { queryIds, queryPostings, getImages }: ListPorts,
  viewer: Viewer,
  query: ListQuery,
): Promise<{ images: ImageRecord[]; next: string | null }> => {
  const terms = termsOf(viewer, query);
  const range = rangeOf(query.from, query.to);
  const from = range?.from ?? FIRST_ID;
  const pageOf = (wanted: IdRange & { readonly limit: number }): Promise<Page> =>
    terms.length === 0 ? queryIds({ ...viewer, ...wanted }) : foundIds(queryPostings, terms, wanted);
  const { found, next } = await gather(viewer, {
    start: startOf(viewer, query.cursor, range),
    limit: query.limit,
    rounds: MAX_ROUNDS,
    read: async (upTo, limit) => {
      const page = await pageOf({ from, upTo, limit });
      const records = page.ids.length === 0 ? [] : await getImages(page.ids);
      const visible = records.filter((record) => isVisible(record, viewer) && isWanted(record, query));
      const isOver = page.next === undefined || page.next < from;
      return { found: visible.sort(newestFirst), next: isOver ? undefined : page.next };
    },
  });
  return { images: found, next };
};
