import { clientNames, type ClientName } from './clients.ts';
import type { LinkProfile, ProfileName } from '../link/profiles.ts';
import { profileNames } from '../link/profiles.ts';

/** How a profile is run. */
export interface ProfilePlan {
  /** How many times faster than the clock; the machine's own work (servers, hashing) then weighs as many times as much, on every client. */
  readonly pace: number;
  /** Clients at the same time, each on a link of its own. */
  readonly lanes: number;
  readonly rounds: number;
}

/**
 * Slow links leave the processor idle, so they may run faster and side by side; a good link is measured as near to real time as patience allows,
 * and so is the train: at its pace a call to the embedded system takes as long as one to S3 or a warm Lambda does, a few dozen milliseconds.
 */
export const profilePlans: Readonly<Record<ProfileName, ProfilePlan>> = {
  good4g: { pace: 2, lanes: 3, rounds: 3 },
  '3g': { pace: 12, lanes: 7, rounds: 2 },
  '2g': { pace: 24, lanes: 7, rounds: 1 },
  train: { pace: 3, lanes: 8, rounds: 3 },
};

/** What a run leaves out, for those who work on one thing. */
export interface Selection {
  readonly profiles: readonly ProfileName[];
  readonly clients: readonly ClientName[];
  /** Index into the files, by size; null: all. */
  readonly files: readonly number[] | null;
  readonly rounds: number | null;
}

const chosen = <T extends string>(wanted: string | null, names: readonly T[], what: string): readonly T[] => {
  if (wanted === null) return names;
  return wanted.split(',').map((name) => {
    const found = names.find((known) => known === name);
    if (found === undefined) throw new Error(`expected one of ${names.join(', ')} for ${what} but received ${name}`);
    return found;
  });
};

/** `profiles=train&clients=darkroom,tus&files=0,2&rounds=2`, any of them; the empty text is everything. Throws Error for a name nobody has. */
export const parseSelection = (text: string): Selection => {
  const query = new URLSearchParams(text);
  const [files, rounds] = [query.get('files'), query.get('rounds')];
  return {
    profiles: chosen(query.get('profiles'), profileNames, 'profiles'),
    clients: chosen(query.get('clients'), clientNames, 'clients'),
    files: files === null ? null : files.split(',').map(Number),
    rounds: rounds === null ? null : Number(rounds),
  };
};

/** Nobody waits for a picture longer than five minutes, unless the link itself needs it. */
const PATIENCE_MS = 300_000;
/** And then not longer than so many times what the bare rate needs. */
const PATIENCE_FACTOR = 3;

/** Simulated milliseconds after which a transfer counts as not complete. */
export const giveUpAfter = (size: number, { up }: LinkProfile): number =>
  Math.max(PATIENCE_MS, (PATIENCE_FACTOR * size * 1000) / up);
