import { reasonOf } from '@darkroom/types/rejection';
import type { RejectCode } from '@darkroom/types/codes';
import type { Limits } from '@darkroom/types/limits';
import type { ImageTask, ValidateResult } from '@darkroom/types/workflow';
import type { ReadRange } from '../ports.ts';
import { inspect } from '@darkroom/imaging/header/inspect';

export interface ValidatePorts {
  readonly readRange: ReadRange;
  readonly limits: Limits;
}

const rejected = (code: RejectCode): ValidateResult => ({ verdict: 'rejected', reason: reasonOf(code) });

/**
 * ValidateImage: may this original be decoded? Reads its first 64 KiB, then up to 1 MiB, then (GIF and animated WebP, whose
 * frames are counted; AVIF with its header at the end) all of it, each only when the header is not complete yet. An image
 * that may not is an answer, not an error; errors are those of the port.
 */
export const validateImage = async (
  { readRange, limits }: ValidatePorts,
  { bucket, key, bytes: size }: Pick<ImageTask, 'bucket' | 'key' | 'bytes'>,
): Promise<ValidateResult> => {
  if (size === 0) return rejected('EMPTY_FILE');
  if (size > limits.upload.maxBytes) return rejected('TOO_MANY_BYTES');
  const { headerBytes, headerWidenedBytes } = limits.validate;
  let bytes = Buffer.alloc(0);
  for (const wanted of [headerBytes, headerWidenedBytes, size]) {
    const target = Math.min(wanted, size);
    if (target <= bytes.length) continue;
    const read = await readRange({ bucket, key }, bytes.length, target - 1);
    bytes = Buffer.concat([bytes, read]);
    // The event tells the size; a file that ends before is judged as the file that it is.
    const fileBytes = bytes.length < target ? bytes.length : size;
    if (bytes.length === 0) return rejected('EMPTY_FILE');
    const parsed = inspect(bytes, fileBytes, limits.validate);
    if (parsed.kind === 'reject') return rejected(parsed.code);
    if (parsed.kind === 'header') return { verdict: 'accepted', header: parsed.header };
  }
  return rejected('TRUNCATED_OR_CORRUPT');
};
