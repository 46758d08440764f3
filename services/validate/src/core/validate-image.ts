import { reasonOf } from '@darkroom/types/rejection';
import type { RejectCode } from '@darkroom/types/codes';
import type { Limits } from '@darkroom/types/limits';
import type { ImageTask, ValidateResult } from '@darkroom/types/workflow';
import type { ReadRange } from '../ports.ts';
import { inspect } from '@darkroom/imaging/header/inspect';
import { type Parsed, reject } from '@darkroom/imaging/header/outcome';

export interface ValidatePorts {
  readonly readRange: ReadRange;
  readonly limits: Limits;
}

const rejected = (code: RejectCode): ValidateResult => ({ verdict: 'rejected', reason: reasonOf(code) });

/** A file, or what is left of it without a stretch that its header does not need. */
interface View {
  /** Its beginning, as far as it is read. */
  readonly bytes: Buffer;
  readonly size: number;
  /** Bytes that are left out behind `bytes`. */
  readonly left: number;
}

const inspectView = async (
  { readRange, limits }: ValidatePorts,
  object: Pick<ImageTask, 'bucket' | 'key'>,
  { bytes: beginning, size, left }: View,
): Promise<Parsed> => {
  const { headerBytes, headerWidenedBytes } = limits.validate;
  let bytes = beginning;
  for (const wanted of [headerBytes, headerWidenedBytes, size]) {
    const target = Math.min(wanted, size);
    if (target <= bytes.length) continue;
    bytes = Buffer.concat([bytes, await readRange(object, left + bytes.length, left + target - 1)]);
    // The event tells the size; a file that ends before is judged as the file that it is.
    const fileBytes = bytes.length < target ? bytes.length : size;
    if (bytes.length === 0) return reject('EMPTY_FILE');
    const parsed = inspect(bytes, fileBytes, limits.validate);
    if (parsed.kind !== 'more') return parsed;
    if (parsed.skip === undefined || left > 0) continue;
    const skipped = parsed.skip.end - parsed.skip.start;
    const rest = { bytes: bytes.subarray(0, parsed.skip.start), size: size - skipped, left: skipped };
    return inspectView({ readRange, limits }, object, rest);
  }
  return reject('TRUNCATED_OR_CORRUPT');
};

/**
 * ValidateImage: may this original be decoded? Reads its first 64 KiB, then up to 1 MiB, then (GIF and animated WebP, whose
 * frames are counted) all of it, each only when the header is not complete yet; of HEIC and AVIF with the header at the end, the
 * end. An image that may not is an answer, not an error; errors are those of the port.
 */
export const validateImage = async (
  ports: ValidatePorts,
  { bucket, key, bytes: size }: Pick<ImageTask, 'bucket' | 'key' | 'bytes'>,
): Promise<ValidateResult> => {
  if (size === 0) return rejected('EMPTY_FILE');
  if (size > ports.limits.upload.maxBytes) return rejected('TOO_MANY_BYTES');
  const parsed = await inspectView(ports, { bucket, key }, { bytes: Buffer.alloc(0), size, left: 0 });
  if (parsed.kind === 'header') return { verdict: 'accepted', header: parsed.header };
  return rejected(parsed.kind === 'reject' ? parsed.code : 'TRUNCATED_OR_CORRUPT');
};
