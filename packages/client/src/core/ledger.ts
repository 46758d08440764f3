import type { ByteRange, SignedChunk } from '@darkroom/types/api';
import { MAX_CHUNK, UNIT } from './link.ts';

/**
 * Which bytes of a file are where. Pieces are cut from what nobody has planned yet, in order; a piece is `waiting` to be sent,
 * being `sending`, in `doubt` (sent, but no answer came), or `stored`. Plain bookkeeping, no time and no network.
 */
export interface Piece extends ByteRange {
  /** Lower-case hex; null for a piece that an earlier run stored and that nobody has read again yet. */
  sha256: string | null;
  state: 'waiting' | 'sending' | 'doubt' | 'stored';
  signed: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly until: number } | null;
  /** Bytes of it that have left in the try under way. */
  sent: number;
  /** Times that storage refused it although something could be done about it: an old URL, damaged bytes. */
  faults: number;
}

export interface Ledger {
  /** The next stretch that nobody has planned, at most so many bytes long and on the grid; undefined when all is planned. */
  readonly next: (most: number) => ByteRange | undefined;
  readonly add: (piece: ByteRange & Partial<Piece>) => Piece;
  /** Pieces in a state, by offset. */
  readonly inState: (state: Piece['state']) => readonly Piece[];
  /** Forgets unsent pieces larger than this, so that they are cut again, smaller. */
  readonly shrink: (most: number) => void;
  /** Storage was asked: pieces in doubt are stored or waiting again, and what it holds besides is added. */
  readonly settle: (received: readonly ByteRange[]) => void;
  /** Storage does not have these after all. */
  readonly forget: (ranges: readonly ByteRange[]) => void;
  /** The original is there: nothing is left to send, nor to complete. */
  readonly finish: () => void;
  readonly isFinished: () => boolean;
  readonly storedBytes: () => number;
  /** Every byte is stored. */
  readonly isWhole: () => boolean;
}

const endOf = (range: ByteRange): number => range.offset + range.size;
const overlaps = (a: ByteRange, b: ByteRange): boolean => a.offset < endOf(b) && b.offset < endOf(a);

/** Bytes covered by ranges sorted by offset, counted once. */
const covered = (ranges: readonly ByteRange[]): number => {
  let bytes = 0;
  let end = 0;
  for (const range of ranges) {
    bytes += Math.max(0, endOf(range) - Math.max(end, range.offset));
    end = Math.max(end, endOf(range));
  }
  return bytes;
};

/** The first stretch of [0, size) that no range covers; `end` is where the next range begins. */
const firstGap = (ranges: readonly ByteRange[], size: number): { offset: number; end: number } | undefined => {
  let end = 0;
  for (const range of ranges) {
    if (range.offset > end) return { offset: end, end: range.offset };
    end = Math.max(end, endOf(range));
  }
  return end < size ? { offset: end, end: size } : undefined;
};

/**
 * How many bytes to take of a gap: `most`, or all of it when little more is left, since a small last piece is a request for
 * nothing. Always on the grid, or up to the end of the file: over the end of the gap rather than off the grid.
 */
const take = (gap: { offset: number; end: number }, most: number, size: number): ByteRange => {
  const offset = Math.floor(gap.offset / UNIT) * UNIT;
  const end = Math.min(size, Math.ceil(gap.end / UNIT) * UNIT);
  const all = end - offset;
  return { offset, size: all <= Math.min(MAX_CHUNK, most + UNIT / 2) ? all : most };
};

/** Bookkeeping for a file of `size` bytes. */
export const createLedger = (size: number): Ledger => {
  let pieces: Piece[] = [];
  let finished = false;
  const sort = (): void => {
    pieces.sort((a, b) => a.offset - b.offset);
  };
  const inState = (state: Piece['state']): readonly Piece[] => pieces.filter((piece) => piece.state === state);

  const add = (given: ByteRange & Partial<Piece>): Piece => {
    const piece: Piece = { sha256: null, state: 'waiting', signed: null, sent: 0, faults: 0, ...given };
    // One object a place: what comes later takes the place of what was there.
    pieces = pieces.filter((other) => other.offset !== piece.offset);
    pieces.push(piece);
    sort();
    return piece;
  };
  const isThere = (piece: Piece, received: readonly ByteRange[]): boolean =>
    received.some((range) => range.offset === piece.offset && range.size === piece.size);

  return {
    next: (most) => {
      const gap = firstGap(pieces, size);
      return gap && take(gap, most, size);
    },
    add,
    inState,
    shrink: (most) => {
      pieces = pieces.filter((piece) => piece.state !== 'waiting' || piece.size <= most);
    },
    settle: (received) => {
      for (const piece of inState('doubt')) piece.state = isThere(piece, received) ? 'stored' : 'waiting';
      for (const range of received) {
        if (!pieces.some((piece) => piece.offset === range.offset)) add({ ...range, state: 'stored' });
      }
    },
    forget: (ranges) => {
      pieces = pieces.filter((piece) => piece.state !== 'stored' || !ranges.some((range) => overlaps(piece, range)));
    },
    finish: () => {
      finished = true;
    },
    isFinished: () => finished,
    storedBytes: () => (finished ? size : covered(inState('stored'))),
    isWhole: () => finished || covered(inState('stored')) === size,
  };
};

/** Whether the piece has a URL that storage will still take. */
export const isUsable = ({ signed }: Piece, now: number): boolean => signed !== null && signed.until > now;

/** What storage takes: the signed chunk of an answer, usable until `until` (milliseconds since the epoch, on this machine's clock). */
export const sign = (piece: Piece, chunk: SignedChunk, until: number): void => {
  piece.signed = { url: chunk.url, headers: chunk.headers, until };
};
