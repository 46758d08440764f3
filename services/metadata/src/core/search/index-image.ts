import type { ImageRecord } from '@darkroom/types/image';
import type { DeletePostings, GetImage, WritePostings } from '../../ports.ts';
import { postingsOf } from './terms.ts';

export interface IndexPorts {
  readonly writePostings: WritePostings;
  readonly deletePostings: DeletePostings;
  readonly getImage: GetImage;
}

/**
 * Makes an image findable, after its terminal write and before its event, so that whoever repeats the event repeats this.
 * An image that was deleted in between takes its postings with it: the one who deleted it may have come before them.
 */
export const indexImage = async (
  { writePostings, deletePostings, getImage }: IndexPorts,
  record: ImageRecord,
): Promise<void> => {
  const postings = postingsOf(record);
  if (postings.length === 0) return;
  await writePostings(postings);
  const now = await getImage(record.imageId);
  if (now?.status === 'DELETED') await deletePostings(postings);
};
