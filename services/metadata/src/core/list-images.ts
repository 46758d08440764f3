import type { ImageRecord } from '@darkroom/types/image';
import type { GetImages, QueryIds } from '../ports.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { belongsTo, type Viewer } from './visibility.ts';

/**
 * Most queries one page makes. Tombstones and other owners' images leave gaps that the next query fills; after so many
 * the page goes out as it is, with `next`, so that no request runs into the function's timeout.
 */
const MAX_ROUNDS = 10;

export interface ListPorts {
  readonly queryIds: QueryIds;
  readonly getImages: GetImages;
}

export interface ListQuery {
  /** Most images on the page. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const newestFirst = (a: ImageRecord, b: ImageRecord): number => (a.imageId < b.imageId ? 1 : -1);

/**
 * One page of a viewer's images, newest first (ids are ULIDs, so the order of ids is the order of time). A page may be
 * short while `next` is not null. Throws INVALID_REQUEST for a cursor that this viewer was not given.
 */
export const listImages = async (
  { queryIds, getImages }: ListPorts,
  viewer: Viewer,
  { limit, cursor }: ListQuery,
): Promise<{ images: ImageRecord[]; next: string | null }> => {
  const images: ImageRecord[] = [];
  let before = cursor === undefined ? undefined : decodeCursor(cursor, viewer);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const page = await queryIds({ ...viewer, before, limit: limit - images.length });
    const records = page.ids.length === 0 ? [] : await getImages(page.ids);
    const visible = records.filter((record) => record.status !== 'DELETED' && belongsTo(record, viewer));
    images.push(...visible.sort(newestFirst));
    before = page.next;
    if (before === undefined || images.length >= limit) break;
  }
  return { images, next: before === undefined ? null : encodeCursor(before, viewer) };
};
