import type { HeadObject, ListParts, PartsPage } from '../ports.ts';
import { storedObject } from './complete-upload.ts';
import type { MultipartUpload } from './instructions.ts';
import { partBytes, range } from './parts.ts';

/** As many as S3 lists in one answer. */
const PAGE_SIZE = 1_000;

export interface ListPartsPorts {
  readonly listParts: ListParts;
  readonly head: HeadObject;
}

const completedPage = ({ plan }: MultipartUpload, etag: string, after: number): PartsPage => {
  const last = Math.min(after + PAGE_SIZE, plan.partCount);
  const parts = range(after + 1, last).map((partNumber) => ({ partNumber, etag, size: partBytes(plan, partNumber) }));
  return { parts, next: last < plan.partCount ? last : null };
};

/**
 * One page of the parts that need not be sent again, after part number `after`. S3 forgets the parts of a completed upload;
 * a client that crashed before it heard of the completion must still learn that every byte is there, so each part is
 * listed under the whole object's ETag, with which the repeated complete call answers as the first one did.
 * Throws UPLOAD_GONE when there is neither upload nor object.
 */
export const listStoredParts = async (
  { listParts, head }: ListPartsPorts,
  upload: MultipartUpload,
  after: number,
): Promise<PartsPage> =>
  (await listParts(upload, after)) ?? completedPage(upload, await storedObject(head, upload), after);
