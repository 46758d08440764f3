import type { Interruption, LinkProfile } from './profiles.ts';
import { createRandom, type Random } from './random.ts';

export type Fate = 'reset' | 'silent' | 'survive';

/** One interruption to come, in milliseconds since the link began. */
export interface PlannedInterruption {
  readonly at: number;
  readonly lasts: number;
  readonly fate: Fate;
}

/** What a link will do: the same for every client that gets the same seed, whatever the client does. */
export interface Schedule {
  /** Bytes up, counted from the begin of the link, at which connections are reset; endless. */
  readonly resets: Iterator<number, never>;
  /** Endless, one for each kind of interruption. */
  readonly interruptions: readonly Iterator<PlannedInterruption, never>[];
  /** Extra delay of the next packet, in milliseconds. */
  readonly jitter: () => number;
}

const fateOf = ({ fate }: Interruption, random: Random): Fate => {
  const drawn = random.between(0, fate.reset + fate.silent + fate.survive);
  if (drawn < fate.reset) return 'reset';
  return drawn < fate.reset + fate.silent ? 'silent' : 'survive';
};

const planInterruptions = function* (kind: Interruption, random: Random): Generator<PlannedInterruption, never> {
  for (let at = random.exponential(kind.everyMs); ; at += random.exponential(kind.everyMs)) {
    const lasts = random.between(...kind.lastsMs);
    yield { at, lasts, fate: fateOf(kind, random) };
    at += lasts;
  }
};

const planResets = function* (mean: number | null, random: Random): Generator<number, never> {
  // At least a packet: two resets at one byte are one.
  for (let at = 0; ; ) {
    at += mean === null ? Infinity : Math.max(1500, Math.round(random.exponential(mean)));
    yield at;
  }
};

/** The schedule of a link. Each process draws from numbers of its own, so that none shifts another. */
export const planLink = (profile: LinkProfile, seed: string): Schedule => {
  const jitter = createRandom(`${seed}/jitter`);
  return {
    resets: planResets(profile.meanBytesBetweenResets, createRandom(`${seed}/resets`)),
    interruptions: profile.interruptions.map((kind) => planInterruptions(kind, createRandom(`${seed}/${kind.name}`))),
    jitter: () => (profile.jitterMs === 0 ? 0 : jitter.exponential(profile.jitterMs)),
  };
};
