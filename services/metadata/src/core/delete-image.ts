import type { ImageRecord } from '@darkroom/types/image';
import type { BuryImage, Clock, DeletePostings, EmitEvent, GetImage } from '../ports.ts';
import { deletedEvent } from './domain-events.ts';
import { postingsOf } from './search/terms.ts';
import { belongsTo, imageNotFound, type Viewer } from './visibility.ts';

/** Life of a tombstone in seconds: S3 events and queued messages that come late (SQS keeps them 14 days) still run into it. */
const TOMBSTONE_SECONDS = 30 * 86_400;

export interface DeletePorts {
  readonly getImage: GetImage;
  readonly deletePostings: DeletePostings;
  readonly bury: BuryImage;
  readonly emit: EmitEvent;
  readonly now: Clock;
}

const forget = async (deletePostings: DeletePostings, record: ImageRecord): Promise<void> => {
  const postings = postingsOf(record);
  if (postings.length > 0) await deletePostings(postings);
};

/**
 * Deletes an image: out of the search index, then a tombstone, then `image.deleted`, on which the services that hold bytes
 * delete them. The index comes first, since only the record knows what it holds. A repeat sends the event again, so that a
 * crash between any two is mended by the client's own retry.
 * Throws NOT_FOUND for ids that are missing or not the viewer's, TransientError when the index or the bus refused.
 */
export const deleteImage = async (
  { getImage, deletePostings, bury, emit, now }: DeletePorts,
  viewer: Viewer,
  imageId: string,
): Promise<void> => {
  const found = await getImage(imageId);
  if (found === undefined || !belongsTo(found, viewer)) throw imageNotFound(imageId);
  const at = new Date(now()).toISOString();
  const expiresAt = Math.floor(now() / 1000) + TOMBSTONE_SECONDS;
  await forget(deletePostings, found);
  const buried = found.status === 'DELETED' ? undefined : await bury({ imageId, tenant: viewer.tenant, at, expiresAt });
  // What the burial answers is newer than what was read before it: the image may have become READY in between.
  if (buried !== undefined && buried.updatedAt !== found.updatedAt) await forget(deletePostings, buried);
  await emit(deletedEvent(buried ?? found, at));
};
