import { type Measurement, median, rounded } from '../harness.ts';
import type { ProfileName } from '../link/profiles.ts';
import type { ClientName } from './clients.ts';

/** One upload of a run. */
export interface Sample {
  readonly profile: ProfileName;
  readonly client: ClientName;
  readonly file: string;
  readonly round: number;
  readonly size: number;
  readonly isComplete: boolean;
  /** Simulated; the whole patience when it did not complete. */
  readonly seconds: number;
  readonly upBytes: number;
}

const of = (samples: readonly Sample[], wanted: Partial<Sample>): Sample[] =>
  samples.filter((sample) => Object.entries(wanted).every(([name, value]) => Reflect.get(sample, name) === value));
const names = <K extends 'profile' | 'client' | 'file'>(samples: readonly Sample[], key: K): Sample[K][] => [
  ...new Set(samples.map((sample) => sample[key])),
];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const completion = (samples: readonly Sample[]): number =>
  samples.filter(({ isComplete }) => isComplete).length / samples.length;
const bytesPerFile = (samples: readonly Sample[]): number =>
  sum(samples.map(({ upBytes }) => upBytes)) / sum(samples.map(({ size }) => size));
const seconds = (samples: readonly Sample[]): number => median(samples.map((sample) => sample.seconds));

/** Bytes are counted, not timed: a fourth digit is true. */
const exact = (value: number): number => Number(value.toPrecision(4));

/** One line for each profile, client and file. */
export const measurements = (samples: readonly Sample[]): Measurement[] =>
  names(samples, 'profile').flatMap((profile) =>
    names(samples, 'client').flatMap((client) =>
      names(samples, 'file').flatMap((file) => {
        const these = of(samples, { profile, client, file });
        if (these.length === 0) return [];
        return {
          name: `${profile}/${client}/${file}`,
          completion: rounded(completion(these)),
          seconds: rounded(seconds(these)),
          bytesPerFileByte: exact(bytesPerFile(these)),
        };
      }),
    ),
  );

const geometricMean = (values: readonly number[]): number => Math.exp(sum(values.map(Math.log)) / values.length);

/**
 * Darkroom's time ÷ a peer's: upload by upload, since the same round of the same file has the same link for all, then the geometric mean. An upload
 * that did not complete counts with the time after which it was given up, which is less than it would have taken. Undefined without a pair.
 */
const timeRatio = (samples: readonly Sample[], peer: ClientName): number | undefined => {
  const pairs = of(samples, { client: 'darkroom' }).flatMap(({ file, round, seconds: mine }) =>
    of(samples, { client: peer, file, round }).map((theirs) => mine / theirs.seconds),
  );
  return pairs.length === 0 ? undefined : geometricMean(pairs);
};

const profileRatios = (profile: ProfileName, samples: readonly Sample[]): Record<string, number> => {
  const mine = of(samples, { client: 'darkroom' });
  if (mine.length === 0) return {};
  const times = names(samples, 'client').flatMap((client): [ClientName, number][] => {
    const ratio = client === 'darkroom' ? undefined : timeRatio(samples, client);
    return ratio === undefined ? [] : [[client, ratio]];
  });
  return {
    [`${profile}/completion`]: rounded(completion(mine)),
    [`${profile}/bytes/file`]: exact(bytesPerFile(mine)),
    // Over the peer that comes out best: below 1, Darkroom is faster than every one.
    ...(times.length > 0 && { [`${profile}/time/bestPeer`]: rounded(Math.max(...times.map(([, ratio]) => ratio))) }),
    ...Object.fromEntries(times.map(([client, ratio]) => [`${profile}/time/${client}`, rounded(ratio)])),
  };
};

/** Completion, bytes, and the time over each peer and over the best of them, for each profile. */
export const ratios = (samples: readonly Sample[]): Record<string, number> =>
  Object.fromEntries(
    names(samples, 'profile').flatMap((profile) => Object.entries(profileRatios(profile, of(samples, { profile })))),
  );
