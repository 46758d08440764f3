import { MetricUnit, type Metrics } from '@darkroom/runtime/observability';
import { metricNames } from '@darkroom/types/metrics';
import type { SweepTally } from '../core/sweep.ts';

/**
 * Embedded metrics of a sweep. Zero is measured, too: a graph of swept leases that stops tells of a sweeper that stopped.
 * Failures are counted only where the record became FAILED, as StoreResults counts its own.
 */
export const recordTally = (metrics: Metrics, { redriven, failed }: SweepTally): void => {
  metrics.addMetric(metricNames.leasesSwept, MetricUnit.Count, redriven + failed);
  if (failed > 0) metrics.addMetric(metricNames.imagesFailed, MetricUnit.Count, failed);
};
