import { createHash } from 'node:crypto';
import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { imageIdSchema } from '@darkroom/types/ids';
import type { Viewer } from './visibility.ts';

/** Hex digits of the seal. It keeps honest clients from mixing lists up; who sees what is decided by the query, not by it. */
const SEAL_LENGTH = 12;

const sealOf = (imageId: string, { tenant, owner }: Viewer): string =>
  createHash('sha256')
    .update(JSON.stringify([imageId, tenant, owner]))
    .digest('hex')
    .slice(0, SEAL_LENGTH);

/** The opaque cursor that continues a viewer's list with `imageId`, whether there is such an image or not. */
export const encodeCursor = (imageId: string, viewer: Viewer): string =>
  Buffer.from(`${imageId}.${sealOf(imageId, viewer)}`).toString('base64url');

/** The image id in a cursor. Throws INVALID_REQUEST for a cursor that is malformed or was given to another viewer. */
export const decodeCursor = (cursor: string, viewer: Viewer): string => {
  const [imageId, seal] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  const id = imageIdSchema.safeParse(imageId);
  // Encoded again it must read the same: base64url has several spellings of the same bytes.
  if (id.success && seal === sealOf(id.data, viewer) && encodeCursor(id.data, viewer) === cursor) return id.data;
  throw new DarkroomError('INVALID_REQUEST', expected('the "next" of an earlier page', 'query.cursor', cursor));
};
