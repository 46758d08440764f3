import type { Metrics } from '@darkroom/runtime/observability';
import type { RecordMeasures } from '../ports.ts';

/** Embedded metrics through Powertools; a measure with a code goes out by itself, because dimensions belong to a whole line. */
export const createRecordMeasures =
  (metrics: Metrics): RecordMeasures =>
  (measures) => {
    for (const { name, unit, value, code } of measures) {
      if (code === undefined) metrics.addMetric(name, unit, value);
      else metrics.singleMetric().addDimension('code', code).addMetric(name, unit, value);
    }
  };
