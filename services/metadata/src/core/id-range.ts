import { encodeTime } from 'ulid';

/** Crockford's base 32, the digits of a ULID in their order. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/** Ids between two, both included. Ids are ULIDs: their order is the order of the instants at which their uploads began. */
export interface IdRange {
  readonly from: string;
  readonly upTo: string;
}

export const FIRST_ID = '0'.repeat(TIME_LENGTH + RANDOM_LENGTH);
export const LAST_ID = `7${'Z'.repeat(TIME_LENGTH + RANDOM_LENGTH - 1)}`;

/** The smallest id of an instant, in milliseconds since the epoch; instants before the epoch have that of the epoch. */
const firstIdAt = (time: number): string => `${encodeTime(Math.max(0, time), TIME_LENGTH)}${'0'.repeat(RANDOM_LENGTH)}`;

/** The id right before another in order; undefined before the first. */
export const idBefore = (id: string): string | undefined => {
  const digits = Array.from(id);
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    const value = DIGITS.indexOf(digits[index] ?? '');
    if (value > 0) {
      digits[index] = DIGITS[value - 1] ?? '';
      return digits.join('');
    }
    digits[index] = 'Z';
  }
  return undefined;
};

/** Ids of uploads that began at `from` or later, and before `to` (milliseconds since the epoch). Undefined when there can be none. */
export const rangeOf = (from: number | undefined, to: number | undefined): IdRange | undefined => {
  const first = from === undefined ? FIRST_ID : firstIdAt(from);
  const last = to === undefined ? LAST_ID : idBefore(firstIdAt(to));
  return last === undefined || first > last ? undefined : { from: first, upTo: last };
};
