import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { METRICS_NAMESPACE, metricNames } from '@darkroom/types/metrics';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);
const services = fileURLToPath(new URL('../../', import.meta.url));

interface Watched {
  service: string;
  key: string;
  name: string;
}
interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
interface Widget {
  x: number;
  y: number;
  width: number;
  properties: { title: string; metrics: unknown[][] };
}
const { functions } = require('../watched.cjs') as { functions: Watched[] };
const alarms = (require('../alarms.cjs') as { Resources: Record<string, Resource> }).Resources;
const dashboard = (require('../dashboard.cjs') as { Resources: { Dashboard: Resource } }).Resources.Dashboard;
const [body] = (dashboard.Properties['DashboardBody'] as { 'Fn::Sub': [string, unknown] })['Fn::Sub'];
const { widgets } = JSON.parse(body) as { widgets: Widget[] };

/** Functions as the services declare them. What runs at CloudFront's edge has no metrics in this region. */
const declared = readdirSync(services)
  .filter((service) => service !== 'serve-edge' && existsSync(`${services}${service}/functions.yml`))
  .flatMap((service) => {
    const file = parse(readFileSync(`${services}${service}/functions.yml`, 'utf8'), { logLevel: 'silent' }) as object;
    return Object.keys(file).map((key) => `${service} ${key}`);
  });

describe('what is watched', () => {
  it('is every function of every service', () => {
    expect(functions.map(({ service, key }) => `${service} ${key}`).sort()).toEqual(declared.sort());
  });

  it('goes by the names that Serverless gives functions', () => {
    expect(functions.map(({ name }) => name)).toContain('darkroom-pipeline-${sls:stage}-dispatch');
  });

  it('goes by the queues that their services declare', () => {
    const text = JSON.stringify(alarms);
    for (const [service, what] of [
      ['upload', 'purge'],
      ['variants', 'purge'],
      ['variants', 'access-logs'],
      ['pipeline', 'reprocess'],
      ['variants', 'heat'],
    ]) {
      const queue = `darkroom-${String(service)}-\${sls:stage}-${String(what)}-dead-letters`;
      expect(text).toContain(queue);
      expect(readFileSync(`${services}${String(service)}/resources.yml`, 'utf8')).toContain(queue);
    }
  });
});

describe('alarms', () => {
  it('are all alarms, with names of their own, that tell somebody when they ring and when they stop', () => {
    const all = Object.values(alarms);
    expect(new Set(all.map(({ Properties }) => Properties['AlarmName'])).size).toBe(all.length);
    for (const { Type, Properties } of all) {
      expect(Type).toBe('AWS::CloudWatch::Alarm');
      expect(Properties['AlarmActions']).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(Properties['OKActions']).toEqual([{ Ref: 'AlarmTopic' }]);
    }
  });

  it('are all in the runbook', () => {
    const runbook = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const names = Object.values(alarms).map(({ Properties }) =>
      String(Properties['AlarmName'])
        .replace('darkroom-${sls:stage}-', '')
        .replace(/^(errors|throttles)-.*/, '$1-')
        .replace(/^(api-5xx)-.*/, '$1-'),
    );
    expect(names.filter((name) => !runbook.includes(`\`${name}`))).toEqual([]);
  });

  it('name metrics that the functions emit', () => {
    const known: string[] = Object.values(metricNames);
    const named = [...JSON.stringify(alarms).matchAll(/"Namespace":"Darkroom","MetricName":"(\w+)"/g)];
    expect(named.length).toBeGreaterThan(4);
    for (const [, name] of named) expect(known).toContain(name);
  });
});

describe('the dashboard', () => {
  it('draws only metrics that the functions emit', () => {
    const ours = widgets.flatMap(({ properties }) => properties.metrics).filter(([one]) => one === METRICS_NAMESPACE);
    const known: string[] = Object.values(metricNames);
    expect(ours.length).toBeGreaterThan(8);
    for (const [, name] of ours) expect(known).toContain(name);
  });

  it('has a place of its own for every widget', () => {
    expect(new Set(widgets.map(({ x, y }) => `${x} ${y}`)).size).toBe(widgets.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });

  it('shows latency, outcomes, the queue, executions, functions and APIs', () => {
    expect(widgets.map(({ properties }) => properties.title)).toEqual([
      'Upload to READY (ms)',
      'Images',
      'Rejected, by code',
      'Ingest queue (messages)',
      'Oldest upload waiting (s)',
      'Beyond the usual',
      'Executions',
      'Execution time (ms)',
      'Bytes',
      'Function errors',
      'Function throttles',
      'Function duration, p99 (ms)',
      'API errors of ours (5xx)',
      'API errors of callers (4xx)',
      'API latency, p99 (ms)',
    ]);
  });
});
