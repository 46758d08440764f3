import type { BuryImage, Clock, EmitEvent, GetImage } from '../ports.ts';
import { deletedEvent } from './domain-events.ts';
import { belongsTo, imageNotFound, type Viewer } from './visibility.ts';

/** Life of a tombstone in seconds: S3 events and queued messages that come late (SQS keeps them 14 days) still run into it. */
const TOMBSTONE_SECONDS = 30 * 86_400;

export interface DeletePorts {
  readonly getImage: GetImage;
  readonly bury: BuryImage;
  readonly emit: EmitEvent;
  readonly now: Clock;
}

/**
 * Deletes an image: a tombstone first, then `image.deleted`, on which the services that hold bytes delete them. A repeat
 * sends the event again, so that a crash between the two is mended by the client's own retry.
 * Throws NOT_FOUND for ids that are missing or not the viewer's, TransientError when the event was not taken.
 */
export const deleteImage = async (
  { getImage, bury, emit, now }: DeletePorts,
  viewer: Viewer,
  imageId: string,
): Promise<void> => {
  const found = await getImage(imageId);
  if (found === undefined || !belongsTo(found, viewer)) throw imageNotFound(imageId);
  const at = new Date(now()).toISOString();
  const expiresAt = Math.floor(now() / 1000) + TOMBSTONE_SECONDS;
  // What the burial answers is newer than what was read before it: the image may have become READY in between.
  const buried = found.status === 'DELETED' ? undefined : await bury({ imageId, tenant: viewer.tenant, at, expiresAt });
  await emit(deletedEvent(buried ?? found, at));
};
