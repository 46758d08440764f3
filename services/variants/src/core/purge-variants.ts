import { imageDeletedSchema, imageReadySchema } from '@darkroom/types/events';
import { versionSchema } from '@darkroom/types/ids';
import * as z from 'zod';
import type { DeleteVariants } from '../ports.ts';

/** EventBridge's envelope of `image.deleted`, and of `image.ready` when it replaces a version. */
export const purgeEventSchema = z.discriminatedUnion('detail-type', [
  z.object({ 'detail-type': z.literal('image.deleted'), detail: imageDeletedSchema }),
  z.object({ 'detail-type': z.literal('image.ready'), detail: imageReadySchema.extend({ replaces: versionSchema }) }),
]);
type PurgeEvent = z.output<typeof purgeEventSchema>;

/** What the keys of all that is to go begin with; undefined for a version that replaces itself, of which everything stays. */
const doomedPrefix = (event: PurgeEvent): string | undefined => {
  const { imageId } = event.detail;
  if (event['detail-type'] === 'image.deleted') return `v/${imageId}/`;
  const { replaces, version } = event.detail;
  return replaces === version ? undefined : `v/${imageId}/${replaces}/`;
};

/**
 * Deletes every rendition of a deleted image, of all versions; or those of a version that another one replaced: renderVariant sends
 * whoever still asks for them to the new ones. Safe to repeat.
 */
export const purgeVariants = async (
  { deleteVariants }: { deleteVariants: DeleteVariants },
  event: PurgeEvent,
): Promise<{ imageId: string; deleted: number }> => {
  const prefix = doomedPrefix(event);
  return { imageId: event.detail.imageId, deleted: prefix === undefined ? 0 : await deleteVariants(prefix) };
};
