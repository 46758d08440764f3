import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from '@darkroom/types/metrics';

export { MetricUnit } from '@aws-lambda-powertools/metrics';
export type { Logger, Metrics };

/** Structured JSON log of one service. Level from POWERTOOLS_LOG_LEVEL, `INFO` by default. */
export const createLogger = (service: string): Logger => new Logger({ serviceName: service });

/**
 * Embedded metrics of one service (namespace `Darkroom`, dimensions `service` and `stage`, so that two stages of one account
 * do not add up): written to the log, no API call.
 */
export const createMetrics = (service: string, stage: string): Metrics =>
  new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service, defaultDimensions: { stage } });
