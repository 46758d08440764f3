import { InvalidEventError } from '@darkroom/runtime/errors';
import { imageDeletedSchema } from '@darkroom/types/events';
import { developedKey, parseOriginalKey } from '@darkroom/types/keys';
import * as z from 'zod';
import type { DeleteObject } from '../ports.ts';

/** `image.deleted` as EventBridge hands it to a function. */
export const imageDeletedEventSchema = z.object({
  'detail-type': z.literal('image.deleted'),
  detail: imageDeletedSchema,
});
export type ImageDeletedEvent = z.infer<typeof imageDeletedEventSchema>;

/**
 * Deletes the original that an event names, and what stands in for its pixels where it is a HEIC. Safe to repeat. Throws InvalidEventError when the event names another
 * bucket or a key that is not this image's original: whatever put it on the bus, this function deletes nothing else.
 */
export const purgeOriginal = async (
  { bucket, deleteObject }: { bucket: string; deleteObject: DeleteObject },
  { detail }: ImageDeletedEvent,
): Promise<void> => {
  if (detail.bucket !== bucket || parseOriginalKey(detail.key) !== detail.imageId)
    throw new InvalidEventError(
      `expected the original of ${detail.imageId} but received ${detail.bucket}/${detail.key}`,
    );
  await deleteObject(developedKey(detail.imageId));
  await deleteObject(detail.key);
};
