// Every alarm as a CloudFormation resource. README.md says what to do when one rings.
const { apiId, functions } = require('./watched.cjs');

const STAGE = '${sls:stage}';
const FIVE_MINUTES = 300;
const QUARTER_HOUR = 900;

const dimensions = (pairs) => Object.entries(pairs).map(([Name, Value]) => ({ Name, Value }));

const metric = (Namespace, MetricName, pairs) => ({ Namespace, MetricName, Dimensions: dimensions(pairs) });

/** A metric that one of our services emits. */
const ours = (name, service) => metric('Darkroom', name, { service, stage: STAGE });

/** A metric under a name for expressions. */
const term = (Id, { source, Stat = 'Sum', Period = FIVE_MINUTES }) => ({
  Id,
  MetricStat: { Metric: source, Stat, Period },
  ReturnData: false,
});

/** What every alarm shares. No data means nothing happened, which is fine for all but the sweeper. */
const alarm = (name, description, properties) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: `darkroom-${STAGE}-${name}`,
    AlarmDescription: description,
    AlarmActions: [{ Ref: 'AlarmTopic' }],
    OKActions: [{ Ref: 'AlarmTopic' }],
    TreatMissingData: 'notBreaching',
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    EvaluationPeriods: 1,
    ...properties,
  },
});

const ofMetric = (source, statistic = { Statistic: 'Sum' }, Period = FIVE_MINUTES) => ({
  ...source,
  ...statistic,
  Period,
});

const ofExpression = (Expression, terms) => ({ Metrics: [{ Id: 'result', Expression }, ...terms] });

const depth = (QueueName) =>
  ofMetric(metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }), { Statistic: 'Maximum' });

const execution = (name) => metric('AWS/States', name, { StateMachineArn: { Ref: 'StateMachineArn' } });

const apiErrors = (name, urlParameter) =>
  alarm(`api-5xx-${name}`, `The ${name} API answers with errors of ours.`, {
    ...ofMetric(metric('AWS/ApiGateway', '5xx', { ApiId: apiId(urlParameter) })),
    Threshold: 5,
  });

const pipelineAlarms = {
  IngestDeadLettersAlarm: alarm(
    'ingest-dead-letters',
    'Messages of the ingest queue were given up: uploads that nobody processes until somebody looks.',
    depth({ Ref: 'IngestDeadLettersName' }),
  ),
  IngestAgeAlarm: alarm('ingest-age', 'Uploads wait too long for the dispatcher.', {
    ...ofMetric(
      metric('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: { Ref: 'IngestQueueName' } }),
      { Statistic: 'Maximum' },
      60,
    ),
    Threshold: '${param:ingestAgeSeconds}',
    EvaluationPeriods: 5,
  }),
  ExecutionsAlarm: alarm(
    'executions',
    'Executions of the workflow failed or timed out as a whole: every state that may fail is caught, so this is a fault of the workflow.',
    ofExpression('failed + timedOut', [
      term('failed', { source: execution('ExecutionsFailed') }),
      term('timedOut', { source: execution('ExecutionsTimedOut') }),
    ]),
  ),
  PoisonAlarm: alarm(
    'messages-rejected',
    'The dispatcher received messages that it cannot understand.',
    ofMetric(ours('MessagesRejected', 'pipeline')),
  ),
  UploadPurgeAlarm: alarm(
    'purge-originals',
    'Originals of deleted images could not be deleted.',
    depth(`darkroom-upload-${STAGE}-purge-dead-letters`),
  ),
  VariantsPurgeAlarm: alarm(
    'purge-variants',
    'Renditions of deleted images could not be deleted.',
    depth(`darkroom-variants-${STAGE}-purge-dead-letters`),
  ),
  ReprocessAlarm: alarm(
    'reprocess',
    'Images could not be rendered again by the present ladder. They keep being served as they were.',
    depth(`darkroom-pipeline-${STAGE}-reprocess-dead-letters`),
  ),
  AccessLogsAlarm: alarm(
    'access-logs',
    'Access logs of the edge could not be counted: hot renditions are not found.',
    depth(`darkroom-variants-${STAGE}-access-logs-dead-letters`),
  ),
  HeatAlarm: alarm(
    'heat',
    'Hot renditions could not be coded better. Their first files keep being served.',
    depth(`darkroom-variants-${STAGE}-heat-dead-letters`),
  ),
};

const imageAlarms = {
  ReadySlowAlarm: alarm('upload-to-ready', 'Images take too long from upload to READY.', {
    ...ofMetric(ours('UploadToReady', 'metadata'), { ExtendedStatistic: 'p99' }),
    Threshold: '${param:readyP99Milliseconds}',
    EvaluationPeriods: 3,
    // A handful of images has no meaningful p99.
    EvaluateLowSampleCountPercentile: 'ignore',
  }),
  ImagesFailedAlarm: alarm(
    'images-failed',
    'Images failed for good after all their attempts: a fault of ours, not of the images.',
    ofExpression('FILL(stored, 0) + FILL(swept, 0)', [
      term('stored', { source: ours('ImagesFailed', 'metadata') }),
      term('swept', { source: ours('ImagesFailed', 'monitoring') }),
    ]),
  ),
  RejectedAlarm: alarm(
    'images-rejected',
    'Unusually many images are refused: a client gone wrong, or a check of ours.',
    {
      Metrics: [
        {
          Id: 'result',
          // Counts have a dimension for their code; a query adds up whatever codes there are.
          Expression: `SELECT SUM(ImagesRejected) FROM SCHEMA("Darkroom", code, service, stage) WHERE service = 'metadata' AND stage = '${STAGE}'`,
          Period: QUARTER_HOUR,
        },
      ],
      Threshold: '${param:rejectedPerQuarterHour}',
    },
  ),
  LeasesSweptAlarm: alarm(
    'leases-swept',
    'The sweeper found images whose holder had vanished. They are taken care of; the cause is not.',
    ofMetric(ours('LeasesSwept', 'monitoring')),
  ),
  SweeperSilentAlarm: alarm(
    'sweeper-silent',
    'The sweeper did not run: images whose holder vanishes stay PROCESSING.',
    {
      ...ofMetric(metric('AWS/Lambda', 'Invocations', { FunctionName: `darkroom-monitoring-${STAGE}-sweep` })),
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
    },
  ),
};

const apiAlarms = {
  UploadApiAlarm: apiErrors('upload', 'UploadApiUrl'),
  CatalogueApiAlarm: apiErrors('catalogue', 'CatalogueApiUrl'),
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Errors in percent of invocations, and any throttling: one alarm each, three periods long, since retries mend what is short. */
const functionAlarms = ({ service, key, name, errorPercent, fewest }) => {
  const id = `${capital(service)}${capital(key)}`;
  const source = (metricName) => metric('AWS/Lambda', metricName, { FunctionName: name });
  return {
    [`${id}ErrorsAlarm`]: alarm(`errors-${service}-${key}`, `${name} fails too often.`, {
      ...ofExpression(`IF(invocations > ${fewest}, 100 * errors / invocations, 0)`, [
        term('errors', { source: source('Errors') }),
        term('invocations', { source: source('Invocations') }),
      ]),
      Threshold: errorPercent,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
    }),
    [`${id}ThrottlesAlarm`]: alarm(`throttles-${service}-${key}`, `${name} is refused concurrency.`, {
      ...ofMetric(source('Throttles')),
      EvaluationPeriods: 3,
    }),
  };
};

module.exports = {
  Resources: {
    ...pipelineAlarms,
    ...imageAlarms,
    ...apiAlarms,
    ...Object.assign({}, ...functions.map(functionAlarms)),
  },
};
