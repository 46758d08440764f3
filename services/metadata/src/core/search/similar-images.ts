import type { ImageRecord } from '@darkroom/types/image';
import type { GetImage, GetImages, QueryPostings } from '../../ports.ts';
import { decodeCursor } from '../cursor.ts';
import { gather } from '../gather.ts';
import { FIRST_ID, idBefore, LAST_ID } from '../id-range.ts';
import { imageNotFound, isVisible, type Viewer } from '../visibility.ts';
import { postingsInAny, readTerms } from './read-terms.ts';
import { distanceOf, looksTerms, MAX_DISTANCE } from './terms.ts';

/** Postings read in one round, over all terms, and rounds in one call: 10 MB and 1,300 read units at most. */
const ROUND_POSTINGS = 17_500;
const MAX_ROUNDS = 4;

export interface SimilarPorts {
  readonly getImage: GetImage;
  readonly getImages: GetImages;
  readonly queryPostings: QueryPostings;
}

export interface Similar {
  readonly record: ImageRecord;
  /** Bits of 64 in which the perceptual hashes differ. */
  readonly distance: number;
}

interface Wanted {
  readonly hash: string;
  readonly imageId: string;
  readonly limit: number;
}

/** Ids of one round that look like the wanted image, and where to read on. */
const roundOf = async (
  { queryPostings }: SimilarPorts,
  terms: readonly string[],
  { hash, imageId, limit, upTo }: Wanted & { readonly upTo: string },
): Promise<{ ids: string[]; next: string | undefined }> => {
  const perTerm = Math.floor(ROUND_POSTINGS / terms.length);
  const read = await readTerms(queryPostings, terms, { from: FIRST_ID, upTo, limit: perTerm });
  const close = postingsInAny(read).filter(
    (posting) =>
      posting.imageId !== imageId && posting.hash !== undefined && distanceOf(posting.hash, hash) <= MAX_DISTANCE,
  );
  const ids = close.slice(0, limit).map((posting) => posting.imageId);
  const last = close.length > limit ? ids.at(-1) : read.frontier;
  return { ids, next: last === undefined ? undefined : idBefore(last) };
};

/** The records that are still there, still the viewer's and still look alike: the index may be older than they are. */
const stillSimilar = (records: readonly ImageRecord[], viewer: Viewer, hash: string): Similar[] =>
  records
    .filter((record) => isVisible(record, viewer))
    .map((record) => ({ record, distance: distanceOf(record.metadata?.perceptualHash ?? '0', hash) }))
    .filter(({ record, distance }) => record.metadata !== null && distance <= MAX_DISTANCE)
    .sort((a, b) => (a.record.imageId < b.record.imageId ? 1 : -1));

/**
 * One page of a viewer's images that look like one of theirs, newest first, each with its distance. All within
 * MAX_DISTANCE are found. A page may be short, even empty, while `next` is not null. None for an image that was never
 * decoded. Throws NOT_FOUND for an id that is not the viewer's, INVALID_REQUEST for a cursor that this viewer was not given.
 */
export const similarImages = async (
  ports: SimilarPorts,
  viewer: Viewer,
  {
    imageId,
    limit,
    cursor,
  }: { readonly imageId: string; readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ similar: Similar[]; next: string | null }> => {
  const start = cursor === undefined ? LAST_ID : decodeCursor(cursor, viewer);
  const wanted = await ports.getImage(imageId);
  if (wanted === undefined || !isVisible(wanted, viewer)) throw imageNotFound(imageId);
  const hash = wanted.metadata?.perceptualHash;
  if (hash === undefined) return { similar: [], next: null };
  const terms = looksTerms(viewer, hash);
  const { found, next } = await gather(viewer, {
    start,
    limit,
    rounds: MAX_ROUNDS,
    read: async (upTo, left) => {
      const { ids, next: rest } = await roundOf(ports, terms, { hash, imageId, limit: left, upTo });
      const records = ids.length === 0 ? [] : await ports.getImages(ids);
      return { found: stillSimilar(records, viewer, hash), next: rest };
    },
  });
  return { similar: found, next };
};
