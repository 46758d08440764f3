import { s3Error } from '../errors.ts';

/** Bytes `start` to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range of a `Range` header. Undefined, so the whole object, for no header, another unit, several ranges or nonsense:
 * S3 ignores what it does not understand.
 * @throws AwsError InvalidRange (416) when the range begins behind the end.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const range = readRange((header ?? '').trim(), size);
  if (!range || range.start < range.end) return range;
  throw s3Error('InvalidRange', { fields: { RangeRequested: header, ActualObjectSize: size } });
}

/** Cut to the size; empty when it begins behind the end. */
function readRange(text: string, size: number): ByteRange | undefined {
  const suffix = /^bytes=-(\d+)$/.exec(text)?.[1];
  if (suffix !== undefined) return { start: Math.max(0, size - Number(suffix)), end: size };
  const [, first, last = ''] = /^bytes=(\d+)-(\d*)$/.exec(text) ?? [];
  if (first === undefined || (last !== '' && Number(last) < Number(first))) return undefined;
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

/** The range of `x-amz-copy-source-range`, which has to lie inside. @throws AwsError InvalidArgument */
export function parseCopyRange(header: string | undefined, size: number): ByteRange {
  if (header === undefined) return { start: 0, end: size };
  const match = /^bytes=(\d+)-(\d+)$/.exec(header.trim());
  const [start, end] = [Number(match?.[1] ?? Number.NaN), Number(match?.[2] ?? Number.NaN) + 1];
  if (start < end && end <= size) return { start, end };
  throw s3Error('InvalidArgument', {
    message: `Range specified is not valid for source object of size: ${size}`,
    fields: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
  });
}
