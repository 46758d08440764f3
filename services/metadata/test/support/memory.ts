import type { ImageRecord } from '@darkroom/types/image';
import { idBefore } from '../../src/core/id-range.ts';
import { type Posting, postingsOf } from '../../src/core/search/terms.ts';
import type { DeletePostings, GetImages, QueryIds, QueryPostings, WritePostings } from '../../src/ports.ts';

const newestFirst = (a: string, b: string): number => (a < b ? 1 : -1);

/** A search index in memory that answers at most `chunk` postings a query. */
export const memoryIndex = (records: readonly ImageRecord[] = [], chunk = 1_000) => {
  const items = new Map<string, Posting>();
  const keyOf = ({ term, imageId }: Posting) => `${term} ${imageId}`;
  const writePostings: WritePostings = (postings) => {
    for (const posting of postings) items.set(keyOf(posting), posting);
    return Promise.resolve();
  };
  const deletePostings: DeletePostings = (postings) => {
    for (const posting of postings) items.delete(keyOf(posting));
    return Promise.resolve();
  };
  const queries: string[] = [];
  const queryPostings: QueryPostings = ({ term, from, upTo, limit }) => {
    queries.push(term);
    const all = [...items.values()]
      .filter((posting) => posting.term === term && posting.imageId >= from && posting.imageId <= upTo)
      .sort((a, b) => newestFirst(a.imageId, b.imageId));
    const postings = all.slice(0, Math.min(limit, chunk)).map(({ term: _term, ...found }) => found);
    // Like DynamoDB, it does not know whether more follows what it read to the limit.
    return Promise.resolve({
      postings,
      last: postings.length >= Math.min(limit, chunk) ? postings.at(-1)?.imageId : undefined,
    });
  };
  for (const posting of records.flatMap(postingsOf)) items.set(keyOf(posting), posting);
  return { items, queries, writePostings, deletePostings, queryPostings };
};

/** A catalogue in memory whose index answers at most `chunk` ids a query, filtered by owner after the cut, as DynamoDB does. */
export const memoryCatalogue = (
  records: readonly ImageRecord[],
  chunk = 1_000,
): { readonly queryIds: QueryIds; readonly getImages: GetImages } => ({
  queryIds: ({ tenant, owner, from, upTo, limit }) => {
    const all = records.filter((record) => record.tenant === tenant).map((record) => record.imageId);
    const older = all.filter((id) => id >= from && id <= upTo).sort(newestFirst);
    const read = older.slice(0, Math.min(limit, chunk));
    const ids = read.filter((id) => owner === null || records.find((record) => record.imageId === id)?.owner === owner);
    const last = read.length < older.length ? read.at(-1) : undefined;
    return Promise.resolve({ ids, next: last === undefined ? undefined : idBefore(last) });
  },
  getImages: (ids) => Promise.resolve(records.filter((record) => ids.includes(record.imageId))),
});
