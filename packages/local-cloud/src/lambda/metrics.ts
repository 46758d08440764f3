import { dictOf, isDict, listOf, numberOf, textOf } from '../stack/values.ts';

/** Values of one metric in one minute. */
export interface MetricPoint {
  readonly namespace: string;
  readonly metric: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Start of the minute, milliseconds since the epoch. */
  readonly minute: number;
  sum: number;
  count: number;
  min: number;
  max: number;
}

type Identity = Pick<MetricPoint, 'namespace' | 'metric' | 'unit' | 'dimensions' | 'minute'>;

const MINUTE_MS = 60_000;

/** A day of minutes for some hundred series fits well in memory; older points are dropped. */
const MAX_AGE_MS = 86_400_000;
const MAX_POINTS = 50_000;

/** Metrics that functions write to their logs in CloudWatch's embedded metric format, summed up a minute. */
export class MetricStore {
  readonly #points = new Map<string, MetricPoint>();

  /**
   * Takes one log line. Returns true when it was an embedded metric (which CloudWatch would turn into metrics).
   * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
   */
  ingest(line: string, now: number): boolean {
    if (!line.includes('"_aws"') || !line.startsWith('{')) return false;
    const document = parse(line);
    const metadata = dictOf(document?._aws);
    if (!document || !Array.isArray(metadata.CloudWatchMetrics)) return false;
    const minute = Math.floor((numberOf(metadata.Timestamp) ?? now) / MINUTE_MS) * MINUTE_MS;
    for (const directive of metadata.CloudWatchMetrics) this.#ingestDirective(dictOf(directive), document, minute);
    this.#trim(now);
    return true;
  }

  /** All points, oldest first. */
  list(): MetricPoint[] {
    return [...this.#points.values()].sort((left, right) => left.minute - right.minute);
  }

  /** Adds points of an earlier run. */
  restore(points: readonly MetricPoint[]): void {
    for (const point of points) this.#points.set(keyOf(point), { ...point });
  }

  #ingestDirective(directive: Record<string, unknown>, document: Record<string, unknown>, minute: number): void {
    const namespace = textOf(directive.Namespace) ?? '';
    const sets = listOf(directive.Dimensions);
    for (const set of sets.length === 0 ? [[]] : sets) {
      const dimensions = Object.fromEntries(
        listOf(set).map((name) => [String(name), textOf(document[String(name)]) ?? '']),
      );
      for (const definition of listOf(directive.Metrics).map(dictOf)) {
        const metric = textOf(definition.Name) ?? '';
        const identity = { namespace, metric, unit: textOf(definition.Unit) ?? 'None', dimensions, minute };
        this.#addAll(identity, listOf(document[metric]));
      }
    }
  }

  #addAll(identity: Identity, values: readonly unknown[]): void {
    for (const value of values) if (typeof value === 'number') this.#add(identity, value);
  }

  #add(identity: Identity, value: number): void {
    const key = keyOf(identity);
    const point = this.#points.get(key);
    if (!point) {
      this.#points.set(key, { ...identity, sum: value, count: 1, min: value, max: value });
      return;
    }
    point.sum += value;
    point.count += 1;
    point.min = Math.min(point.min, value);
    point.max = Math.max(point.max, value);
  }

  #trim(now: number): void {
    for (const [key, point] of this.#points) {
      if (now - point.minute <= MAX_AGE_MS && this.#points.size <= MAX_POINTS) return;
      this.#points.delete(key);
    }
  }
}

function keyOf(point: Pick<MetricPoint, 'namespace' | 'metric' | 'dimensions' | 'minute'>): string {
  return JSON.stringify([point.namespace, point.metric, point.dimensions, point.minute]);
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isDict(value) ? value : undefined;
  } catch {
    // A log line that only looks like JSON stays a log line.
    return undefined;
  }
}
