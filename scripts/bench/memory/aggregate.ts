import { type Measurement, rounded } from '../harness.ts';
import type { Input } from './kinds.ts';

/** One function on one input. */
export interface Sample {
  readonly name: string;
  readonly input: Input;
  /** Held before the first byte was read. */
  readonly baseBytes: number;
  readonly peakBytes: number;
  /** What the function is given, in bytes. */
  readonly memorySize: number;
}

const MB = 1e6;

/** Megabytes above the process' own, in all and for a megapixel. */
export const lineOf = ({ name, input: { kind, width, height }, baseBytes, peakBytes }: Sample): Measurement => {
  const megapixels = (width * height) / 1e6;
  const megabytes = (peakBytes - baseBytes) / MB;
  return {
    name: `${name}: ${kind}`,
    megapixels: rounded(megapixels),
    megabytes: rounded(megabytes),
    megabytesPerMegapixel: rounded(megabytes / megapixels),
    peakRssMegabytes: rounded(peakBytes / MB),
  };
};

/** `FUNCTION/memorySize`: the highest peak of each function, its process included, over what it is given. */
export const ratiosOf = (samples: readonly Sample[]): Record<string, number> => {
  const worst: Record<string, number> = {};
  for (const { name, peakBytes, memorySize } of samples) {
    const key = `${name}/memorySize`;
    worst[key] = Math.max(worst[key] ?? 0, rounded(peakBytes / memorySize));
  }
  return worst;
};
