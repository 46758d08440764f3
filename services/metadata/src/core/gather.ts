import { encodeCursor } from './cursor.ts';
import type { Viewer } from './visibility.ts';

/** What one round of reading found, and the id to read on from; undefined at the end. */
export interface Round<T> {
  readonly found: readonly T[];
  readonly next: string | undefined;
}

export interface Gathering<T> {
  /** The id to begin with; undefined when there is nothing to read. */
  readonly start: string | undefined;
  /** Most things wanted, and most rounds that may be made for them. */
  readonly limit: number;
  readonly rounds: number;
  readonly read: (upTo: string, limit: number) => Promise<Round<T>>;
}

/**
 * One page: rounds of reading, newest first, until it is full, all has been read, or the rounds are used up, so that no
 * request runs into the function's timeout. `next` is the cursor that goes on for this viewer, or null at the end.
 */
export const gather = async <T>(
  viewer: Viewer,
  { start, limit, rounds, read }: Gathering<T>,
): Promise<{ found: T[]; next: string | null }> => {
  const found: T[] = [];
  let upTo = start;
  for (let round = 0; round < rounds && upTo !== undefined && found.length < limit; round += 1) {
    const { found: more, next } = await read(upTo, limit - found.length);
    found.push(...more);
    upTo = next;
  }
  return { found, next: upTo === undefined ? null : encodeCursor(upTo, viewer) };
};
