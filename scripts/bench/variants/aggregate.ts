import { type Measurement, median, rounded } from '../harness.ts';

/** One photograph made once by one subject. */
export interface Sample {
  readonly subject: string;
  readonly photo: string;
  readonly round: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakBytes?: number;
}

type Figure = 'cpuSeconds' | 'wallSeconds' | 'peakBytes';

/** The middle of the rounds for every photograph that a subject made. */
export const byPhoto = (samples: readonly Sample[], subject: string, figure: Figure): Map<string, number> => {
  const seen = new Map<string, number[]>();
  for (const sample of samples) {
    const value = sample[figure];
    if (sample.subject === subject && value !== undefined)
      seen.set(sample.photo, [...(seen.get(sample.photo) ?? []), value]);
  }
  return new Map([...seen].map(([photo, values]) => [photo, median(values)]));
};

/** Sum of one subject over the sum of another, over the photographs that both made; undefined when there is none. */
export const ratioOf = (
  samples: readonly Sample[],
  figure: Figure,
  [subject, peer]: readonly [string, string],
): number | undefined => {
  const [own, others] = [byPhoto(samples, subject, figure), byPhoto(samples, peer, figure)];
  const shared = [...own.keys()].filter((photo) => others.has(photo));
  const sum = (of: ReadonlyMap<string, number>) => shared.reduce((total, photo) => total + (of.get(photo) ?? 0), 0);
  return shared.length === 0 ? undefined : rounded(sum(own) / sum(others));
};

/** A subject's line: CPU and wall seconds of a photograph on average, highest memory of any. */
export const lineOf = (samples: readonly Sample[], subject: string): Measurement => {
  const cpu = [...byPhoto(samples, subject, 'cpuSeconds').values()];
  const wall = [...byPhoto(samples, subject, 'wallSeconds').values()];
  const peak = [...byPhoto(samples, subject, 'peakBytes').values()];
  const mean = (values: readonly number[]) => rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
  return {
    name: subject,
    photos: cpu.length,
    cpuSeconds: mean(cpu),
    wallSeconds: mean(wall),
    ...(peak.length > 0 && { peakRssMegabytes: rounded(Math.max(...peak) / 1e6) }),
  };
};
