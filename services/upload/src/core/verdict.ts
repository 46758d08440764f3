import { inspect } from '@darkroom/imaging/header/inspect';
import { verdictError } from '@darkroom/runtime/errors';
import type { Limits } from '@darkroom/types/limits';
import type { ReadChunk } from '../ports.ts';

/**
 * Judges the first bytes of a file of `size` bytes as the pipeline will, by the header parsers that it uses. A header that goes
 * on behind these bytes is no reason to refuse. Throws the verdict (409, the code of the rejection) for a hopeless file.
 */
export const judgeHead = (bytes: Uint8Array, size: number, limits: Limits['validate']): void => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parsed = inspect(head, size, limits);
  if (parsed.kind === 'reject') throw verdictError(parsed.code);
};

/**
 * The first `length` bytes of an upload, or undefined when storage does not hold all of them yet. They lie in one chunk when
 * it was cut on the grid, and may lie in several smaller ones that came by tus.
 */
export const readHead = async (read: ReadChunk, imageId: string, length: number): Promise<Uint8Array | undefined> => {
  const head = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const before = filled;
    const chunk = await read(imageId, filled, length - filled);
    for await (const bytes of chunk ?? []) filled += Buffer.from(bytes).copy(head, filled);
    if (filled === before) return undefined;
  }
  return head;
};
