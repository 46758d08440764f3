import { imageDeletedSchema } from '@darkroom/types/events';
import * as z from 'zod';
import type { DeleteVariants } from '../ports.ts';

/** EventBridge's envelope of `image.deleted`. */
export const imageDeletedEventSchema = z.object({
  'detail-type': z.literal('image.deleted'),
  detail: imageDeletedSchema,
});

/** Deletes every rendition of a deleted image, of all versions. Safe to repeat. */
export const purgeVariants = async (
  { deleteVariants }: { deleteVariants: DeleteVariants },
  { detail }: z.output<typeof imageDeletedEventSchema>,
): Promise<{ imageId: string; deleted: number }> => ({
  imageId: detail.imageId,
  deleted: await deleteVariants(`v/${detail.imageId}/`),
});
