import { type SweepPorts, type SweepTally, sweep } from './sweep.ts';

/** Thrown after a sweep that left something undone, so that the function's error metric shows it. */
export class SweepIncompleteError extends Error {
  override readonly name = 'SweepIncompleteError';
}

/** Sweeps, measures, and only then complains: the measures of a sweep count even when part of it failed. Throws SweepIncompleteError. */
export const runSweep = async (ports: SweepPorts, measure: (tally: SweepTally) => void): Promise<SweepTally> => {
  const tally = await sweep(ports);
  measure(tally);
  if (tally.errors === 0) return tally;
  throw new SweepIncompleteError(`expected every abandoned image to be swept but ${tally.errors} could not be`);
};
