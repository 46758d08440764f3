import { DarkroomError } from '@darkroom/runtime/errors';
import type { ChunkOrder, SignedChunk } from '@darkroom/types/api';
import { rejectCodeSchema } from '@darkroom/types/codes';
import type { Limits } from '@darkroom/types/limits';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { DeleteChunks, ReadChunk } from '../ports.ts';
import { type ChunkSigning, requireOrders, signChunks } from './chunk-orders.ts';
import { judgeHead, readHead } from './verdict.ts';

export interface SignChunksPorts extends ChunkSigning {
  readonly readChunk: ReadChunk;
  readonly deleteChunks: DeleteChunks;
  readonly validate: Limits['validate'];
  /** Told when the first bytes could not be read or judged: that never stops an upload. */
  readonly onUnreadable: (error: unknown) => void;
}

const isVerdict = (error: unknown): error is DarkroomError =>
  error instanceof DarkroomError && rejectCodeSchema.safeParse(error.code).success;

/**
 * True once the first bytes are in storage and good, false while they are not there or cannot be read. Throws the verdict, after
 * deleting what was sent, for a file that the pipeline would reject.
 */
const judged = async (ports: SignChunksPorts, { imageId, size }: UploadClaims): Promise<boolean> => {
  try {
    const head = await readHead(ports.readChunk, imageId, Math.min(ports.validate.headerBytes, size));
    if (head === undefined) return false;
    judgeHead(head, size, ports.validate);
    return true;
  } catch (error) {
    if (isVerdict(error)) {
      await ports.deleteChunks(imageId);
      throw error;
    }
    ports.onUnreadable(error);
    return false;
  }
};

/**
 * Signs more chunks of an upload, and judges its first 64 KiB as soon as storage holds them, unless `wanted.judged` says that this
 * was done. Throws INVALID_REQUEST for chunks off the grid or the file, and the verdict (409) for a hopeless file.
 */
export const signMoreChunks = async (
  ports: SignChunksPorts,
  claims: UploadClaims,
  wanted: { chunks: readonly ChunkOrder[]; judged?: boolean | undefined },
): Promise<{ chunks: SignedChunk[]; judged: boolean; expiresAt: string }> => {
  // Before the store is asked anything: a wrong request must not cost a read.
  requireOrders(wanted.chunks, claims.size, ports.policy);
  const good = wanted.judged === true || (await judged(ports, claims));
  return { ...(await signChunks(ports, claims, wanted.chunks)), judged: good };
};
