import type { ByteRange, ChunkOrder } from '@darkroom/types/api';
import type { StoredChunk } from '../ports.ts';

/** A stretch of the file and the chunk that it is read from. */
export interface Piece {
  /** Offset in the file of the first byte taken. */
  readonly start: number;
  /** Bytes taken. */
  readonly size: number;
  readonly chunk: StoredChunk;
}

/** How a file is read from its chunks; `gaps` is what none of them holds, in order. */
export interface ReadPlan {
  readonly pieces: readonly Piece[];
  readonly gaps: readonly ByteRange[];
}

export const endOf = ({ offset, size }: ByteRange): number => offset + size;
const byOffset = (a: ByteRange, b: ByteRange): number => a.offset - b.offset;
const keyOf = ({ offset, size }: ByteRange): string => `${offset}:${size}`;

/** Fills gaps (in order, disjoint) from chunks (by offset): at every byte the chunk that reaches furthest. Linear time. */
const fill = (gaps: readonly ByteRange[], chunks: readonly StoredChunk[]): ReadPlan => {
  const pieces: Piece[] = [];
  const left: ByteRange[] = [];
  let furthest: StoredChunk | undefined;
  let next = 0;
  const seekTo = (at: number): void => {
    for (let chunk = chunks[next]; chunk !== undefined && chunk.offset <= at; chunk = chunks[++next])
      if (furthest === undefined || endOf(chunk) > endOf(furthest)) furthest = chunk;
  };
  const step = (at: number, end: number): number => {
    seekTo(at);
    if (furthest !== undefined && endOf(furthest) > at) {
      const upTo = Math.min(end, endOf(furthest));
      pieces.push({ start: at, size: upTo - at, chunk: furthest });
      return upTo;
    }
    const upTo = Math.min(end, chunks[next]?.offset ?? end);
    left.push({ offset: at, size: upTo - at });
    return upTo;
  };
  for (const gap of gaps) for (let at = gap.offset; at < endOf(gap); ) at = step(at, endOf(gap));
  return { pieces, gaps: left };
};

/**
 * Covers [0, size) with what storage holds. Chunks may overlap after a change of sizes: those that are exactly what the client
 * lists are taken first, so that they are judged by their own hashes, and the rest fills what they leave open.
 */
export const planRead = (size: number, stored: readonly StoredChunk[], listed: readonly ByteRange[] = []): ReadPlan => {
  const wanted = new Set(listed.map(keyOf));
  const ordered = [...stored].sort(byOffset);
  const first = fill(
    [{ offset: 0, size }],
    ordered.filter((chunk) => wanted.has(keyOf(chunk))),
  );
  const rest = fill(
    first.gaps,
    ordered.filter((chunk) => !wanted.has(keyOf(chunk))),
  );
  return { pieces: [...first.pieces, ...rest.pieces].sort((a, b) => a.start - b.start), gaps: rest.gaps };
};

/** The first range that ends behind `at`, in ranges that are in order and disjoint. */
const firstBehind = (ranges: readonly ByteRange[], at: number): ByteRange | undefined => {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && endOf(range) > at) high = middle;
    else low = middle + 1;
  }
  return ranges[low];
};

/** True when any of the ranges, which are in order and disjoint, shares a byte with `range`. */
export const touches = (range: ByteRange, ranges: readonly ByteRange[]): boolean => {
  const candidate = firstBehind(ranges, range.offset);
  return candidate !== undefined && candidate.offset < endOf(range);
};

/** Ranges in order, those that touch made one. */
export const merged = (ranges: readonly ByteRange[]): ByteRange[] => {
  const result: ByteRange[] = [];
  for (const range of [...ranges].sort(byOffset)) {
    const last = result.at(-1);
    if (last === undefined || endOf(last) < range.offset) result.push({ offset: range.offset, size: range.size });
    else result[result.length - 1] = { offset: last.offset, size: Math.max(endOf(last), endOf(range)) - last.offset };
  }
  return result;
};

/** What a client must send for `gaps` (in order, disjoint), in its own chunks where it named them; the rest as it is. */
export const onBorders = (gaps: readonly ByteRange[], listed: readonly ChunkOrder[]): ByteRange[] => {
  const named = listed.filter((order) => touches(order, gaps)).map(({ offset, size }) => ({ offset, size }));
  const chunks = named.sort(byOffset).map((range) => ({ ...range, etag: '' }));
  return [...named, ...fill(gaps, chunks).gaps].sort(byOffset);
};
