import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { ImageRecord } from '@darkroom/types/image';
import type { AccessClaims } from '@darkroom/types/tokens';

/** Whose images a caller may see: the tenant's, or only one owner's when the token names an owner. */
export type Viewer = Pick<AccessClaims, 'tenant' | 'owner'>;

/** True when the record (tombstones included) belongs to the viewer. */
export const belongsTo = (record: ImageRecord, viewer: Viewer): boolean =>
  record.tenant === viewer.tenant && (viewer.owner === null || record.owner === viewer.owner);

/** True when the record is an image of the viewer's, and no tombstone. */
export const isVisible = (record: ImageRecord, viewer: Viewer): boolean =>
  record.status !== 'DELETED' && belongsTo(record, viewer);

/** One answer for ids that are missing, malformed, deleted or somebody else's, so that none can be told from another. */
export const imageNotFound = (imageId: string): DarkroomError =>
  new DarkroomError('NOT_FOUND', expected('the id of one of your images', 'the path', imageId));
