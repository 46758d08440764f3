import { DarkroomError } from '@darkroom/runtime/errors';
import type { ImageRecord, Review } from '@darkroom/types/image';
import type { Clock, EmitEvent, GetImage, WriteReview } from '../ports.ts';
import { eventOf } from './domain-events.ts';
import { belongsTo, imageNotFound, type Viewer } from './visibility.ts';

export interface ReviewPorts {
  readonly getImage: GetImage;
  readonly writeReview: WriteReview;
  readonly emit: EmitEvent;
  readonly now: Clock;
}

type Decision = Review['decision'];

const findImage = async (getImage: GetImage, viewer: Viewer, imageId: string): Promise<ImageRecord> => {
  const found = await getImage(imageId);
  if (found === undefined || found.status === 'DELETED' || !belongsTo(found, viewer)) throw imageNotFound(imageId);
  return found;
};

/** The record when this decision was already taken about the bytes that it has now. Throws CONFLICT otherwise. */
const decidedBefore = (record: ImageRecord, decision: Decision): ImageRecord => {
  const { review, etag, status } = record;
  if (review?.decision === decision && review.etag === etag) return record;
  throw new DarkroomError('CONFLICT', `expected an image in REVIEW but received one that is ${status}`);
};

/**
 * A person's decision about an image that moderation held back. `approve`: it is PROCESSING again, and is developed without being
 * moderated. `reject`: it is REJECTED with NOT_ALLOWED, and `image.rejected` is sent. The same decision again answers the same, and
 * sends the event again, so that a crash between write and event is mended by the client's own retry.
 * Throws NOT_FOUND for ids that are missing, deleted or not the viewer's; CONFLICT when the image is not in review or was decided
 * otherwise; TransientError when the event was not taken.
 */
export const reviewImage = async (
  { getImage, writeReview, emit, now }: ReviewPorts,
  viewer: Viewer,
  { imageId, decision }: { readonly imageId: string; readonly decision: Decision },
): Promise<ImageRecord> => {
  const found = await findImage(getImage, viewer, imageId);
  const at = new Date(now()).toISOString();
  const written = found.status === 'REVIEW' ? await writeReview({ record: found, decision, at }) : found;
  // Somebody was quicker, if nothing was written: what is there now says who.
  const latest = written ?? (await findImage(getImage, viewer, imageId));
  const record = decidedBefore(latest, decision);
  const event = decision === 'reject' ? eventOf(record) : undefined;
  if (event !== undefined) await emit(event);
  return record;
};
