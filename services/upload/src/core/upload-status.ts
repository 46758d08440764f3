import type { UploadStatus } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { HeadObject, ListChunks } from '../ports.ts';
import { instant } from './policy.ts';

/** What has arrived of an upload. Both questions are asked at once: a client on a weak link waits for this answer. */
export const uploadStatus = async (
  { head, listChunks }: { head: HeadObject; listChunks: ListChunks },
  { imageId, size, exp }: UploadClaims,
): Promise<UploadStatus> => {
  const [original, chunks] = await Promise.all([head(originalKey(imageId)), listChunks(imageId)]);
  const isComplete = original?.size === size;
  return {
    imageId,
    size,
    state: isComplete ? 'complete' : 'open',
    received: isComplete ? [] : chunks.map((chunk) => ({ offset: chunk.offset, size: chunk.size })),
    etag: isComplete ? original.etag : null,
    expiresAt: instant(exp * 1000),
  };
};
