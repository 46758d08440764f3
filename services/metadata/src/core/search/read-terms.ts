import type { FoundPosting, PostingsPage, QueryPostings } from '../../ports.ts';
import { type IdRange, idBefore } from '../id-range.ts';

/** What the terms hold down to `frontier`, below which at least one of them was not read yet; undefined when all were read to their end. */
export interface ReadTerms {
  readonly pages: readonly PostingsPage[];
  readonly frontier: string | undefined;
}

/** Reads the newest postings of each term within the range, at most `limit` of each. */
export const readTerms = async (
  queryPostings: QueryPostings,
  terms: readonly string[],
  { limit, ...range }: IdRange & { readonly limit: number },
): Promise<ReadTerms> => {
  const pages = await Promise.all(terms.map((term) => queryPostings({ term, limit, ...range })));
  const ends = pages.map(({ last }) => last).filter((last) => last !== undefined);
  return { pages, frontier: ends.length === 0 ? undefined : ends.reduce((a, b) => (a > b ? a : b)) };
};

const isComplete = (frontier: string | undefined, { imageId }: FoundPosting): boolean =>
  frontier === undefined || imageId >= frontier;

/** Ids that every term has, newest first, as far as all were read. */
export const idsInAll = ({ pages, frontier }: ReadTerms): string[] => {
  const [first = { postings: [] }, ...others] = pages;
  const sets = others.map(({ postings }) => new Set(postings.map(({ imageId }) => imageId)));
  return first.postings
    .filter((posting) => isComplete(frontier, posting) && sets.every((set) => set.has(posting.imageId)))
    .map(({ imageId }) => imageId);
};

/** Postings that any term has, each image once, newest first, as far as all were read. */
export const postingsInAny = ({ pages, frontier }: ReadTerms): FoundPosting[] => {
  const all = pages.flatMap(({ postings }) => postings).filter((posting) => isComplete(frontier, posting));
  const unique = new Map(all.map((posting) => [posting.imageId, posting]));
  return [...unique.values()].sort((a, b) => (a.imageId < b.imageId ? 1 : -1));
};

/** Where to read on for ids that every term has: below the frontier, and not above the next id of any; undefined at the end. */
export const nextInAll = ({ pages, frontier }: ReadTerms): string | undefined => {
  if (frontier === undefined) return undefined;
  const below = idBefore(frontier);
  const nexts = pages.map(({ postings, last }) => {
    const next = postings.find(({ imageId }) => imageId < frontier)?.imageId;
    return next ?? (last === undefined ? undefined : below);
  });
  return nexts.reduce((a, b) => (a === undefined || b === undefined ? undefined : a < b ? a : b));
};
