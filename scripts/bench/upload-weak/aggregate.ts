import { type Measurement, median, rounded } from '../harness.ts';
import type { ProfileName } from '../link/profiles.ts';
import type { ClientName } from './clients.ts';

/** One upload of a run. */
export interface Sample {
  readonly profile: ProfileName;
  readonly client: ClientName;
  readonly file: string;
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
 * Darkroom's time ÷ the least of these peers' times: the median of each file, then the geometric mean over the files. A peer's upload that did not
 * complete counts with the time after which it was given up, which is less than it would have taken.
 */
const timeRatio = (samples: readonly Sample[], peers: readonly ClientName[]): number | undefined => {
  const ratios = names(samples, 'file').flatMap((file) => {
    const mine = of(samples, { client: 'darkroom', file });
    const theirs = peers.map((client) => of(samples, { client, file })).filter((those) => those.length > 0);
    return mine.length === 0 || theirs.length === 0 ? [] : seconds(mine) / Math.min(...theirs.map(seconds));
  });
  return ratios.length === 0 ? undefined : rounded(geometricMean(ratios));
};

const profileRatios = (profile: ProfileName, samples: readonly Sample[]): Record<string, number | undefined> => {
  const mine = of(samples, { client: 'darkroom' });
  if (mine.length === 0) return {};
  const peers = names(samples, 'client').filter((client) => client !== 'darkroom');
  return {
    [`${profile}/completion`]: rounded(completion(mine)),
    [`${profile}/bytes/file`]: exact(bytesPerFile(mine)),
    [`${profile}/time/bestPeer`]: timeRatio(samples, peers),
    [`${profile}/time/plainPut`]: timeRatio(samples, ['plainPut']),
  };
};

/** Four ratios for each profile, as far as there is something to divide. */
export const ratios = (samples: readonly Sample[]): Record<string, number> => {
  const all = names(samples, 'profile').map((profile) => profileRatios(profile, of(samples, { profile })));
  return Object.fromEntries(
    all
      .flatMap((one) => Object.entries(one))
      .flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
};
