import { originalKey } from '@darkroom/types/keys';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { HeadObject, ListChunks, PartsPage, StoredChunk } from '../ports.ts';
import { type PartsUpload, requireParts } from './instructions.ts';
import { partRange, range, type StoredPart } from './parts.ts';

/** As many as S3 lists in one answer. */
const PAGE_SIZE = 1_000;

export interface ListPartsPorts {
  readonly listChunks: ListChunks;
  readonly head: HeadObject;
}

/** The parts of the plan that storage holds whole. Chunks of other sizes are none: they would be skipped as if they were. */
const wholeParts = ({ plan }: PartsUpload, stored: readonly StoredChunk[]): StoredPart[] => {
  const held = new Map(stored.map((chunk) => [chunk.offset, chunk]));
  return range(1, plan.partCount).flatMap((partNumber) => {
    const { offset, size } = partRange(plan, partNumber);
    const chunk = held.get(offset);
    return chunk?.size === size ? [{ partNumber, etag: chunk.etag, size }] : [];
  });
};

/**
 * One page of the parts that need not be sent again, after part number `after`. The parts of a completed upload are gone;
 * a client that crashed before it heard of the completion must still learn that every byte is there, so each part is
 * listed under the whole object's ETag, with which the repeated complete call answers as the first one did.
 * Throws CONFLICT for an upload that is not in parts.
 */
export const listStoredParts = async (
  { listChunks, head }: ListPartsPorts,
  claims: UploadClaims,
  after: number,
): Promise<PartsPage> => {
  const upload = requireParts(claims);
  const stored = await listChunks(claims.imageId);
  const original = stored.length > 0 ? undefined : await head(originalKey(claims.imageId));
  const parts =
    original?.size === claims.size
      ? range(1, upload.plan.partCount).map((partNumber) => ({
          partNumber,
          etag: original.etag,
          size: partRange(upload.plan, partNumber).size,
        }))
      : wholeParts(upload, stored);
  const page = parts.filter(({ partNumber }) => partNumber > after);
  const shown = page.slice(0, PAGE_SIZE);
  return { parts: shown, next: page.length > shown.length ? (shown.at(-1)?.partNumber ?? null) : null };
};
