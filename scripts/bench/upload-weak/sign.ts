import type { Measurement } from '../harness.ts';
export const measureSigning = (): Promise<{ result: Measurement; ratios: Record<string, number> }> =>
  Promise.resolve({ result: { name: 'sign', ms: 0 }, ratios: {} });
