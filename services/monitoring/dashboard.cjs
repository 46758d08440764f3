// The dashboard `darkroom-{stage}`: how images fare, what waits, what fails. Sizes are in the grid of 24 columns.
const { apiId, functions } = require('./watched.cjs');

const REGION = '${AWS::Region}';
const STAGE = '${sls:stage}';
const LINE = 6;

const graph = (title, metrics, options = {}) => ({
  type: 'metric',
  width: 8,
  height: LINE,
  properties: { title, metrics, region: REGION, view: 'timeSeries', stat: 'Sum', period: 60, ...options },
});

const darkroom = (name, service, options) => ['Darkroom', name, 'service', service, 'stage', STAGE, options];
const queue = (metricName, name, label) => ['AWS/SQS', metricName, 'QueueName', name, { label }];
const machine = (name, label, extra = {}) => [
  'AWS/States',
  name,
  'StateMachineArn',
  '${StateMachineArn}',
  { label, ...extra },
];
const everyFunction = (metricName, extra = {}) =>
  functions.map(({ service, key, name }) => [
    'AWS/Lambda',
    metricName,
    'FunctionName',
    name,
    { label: `${service} ${key}`, ...extra },
  ]);
/** CloudFormation cuts the API's id out of its address; see the variables below. */
const api = (metricName, extra = {}) => [
  ['AWS/ApiGateway', metricName, 'ApiId', '${UploadApiId}', { label: 'upload', ...extra }],
  ['AWS/ApiGateway', metricName, 'ApiId', '${CatalogueApiId}', { label: 'catalogue', ...extra }],
];

const INGEST = '${IngestQueueName}';
const percentiles = ['p50', 'p95', 'p99'];

const widgets = [
  graph(
    'Upload to READY (ms)',
    percentiles.map((stat) => darkroom('UploadToReady', 'metadata', { label: stat, stat })),
  ),
  graph('Images', [
    darkroom('ImagesReady', 'metadata', { label: 'ready' }),
    darkroom('ImagesInReview', 'metadata', { label: 'held back for review' }),
    darkroom('ImagesRetried', 'metadata', { label: 'tried again' }),
    darkroom('ImagesFailed', 'metadata', { label: 'failed' }),
    darkroom('ImagesFailed', 'monitoring', { label: 'failed by the sweeper' }),
    darkroom('UploadsCreated', 'upload', { label: 'uploads created' }),
  ]),
  graph('Rejected, by code', [
    [
      {
        expression: `SEARCH('{Darkroom,code,service,stage} MetricName="ImagesRejected" stage="${STAGE}"', 'Sum', 60)`,
        label: '',
      },
    ],
  ]),

  graph(
    'Ingest queue (messages)',
    [
      queue('ApproximateNumberOfMessagesVisible', INGEST, 'waiting'),
      queue('ApproximateNumberOfMessagesNotVisible', INGEST, 'in hand'),
      queue('ApproximateNumberOfMessagesVisible', '${IngestDeadLettersName}', 'dead letters'),
    ],
    { stat: 'Maximum' },
  ),
  graph('Oldest upload waiting (s)', [queue('ApproximateAgeOfOldestMessage', INGEST, 'age')], { stat: 'Maximum' }),
  graph('Beyond the usual', [
    darkroom('LeasesSwept', 'monitoring', { label: 'leases swept' }),
    darkroom('MessagesRejected', 'pipeline', { label: 'messages not understood' }),
  ]),

  graph('Executions', [
    machine('ExecutionsStarted', 'started'),
    machine('ExecutionsSucceeded', 'succeeded'),
    machine('ExecutionsFailed', 'failed'),
    machine('ExecutionsTimedOut', 'timed out'),
  ]),
  graph(
    'Execution time (ms)',
    percentiles.map((stat) => machine('ExecutionTime', stat, { stat })),
  ),
  graph('Bytes', [
    darkroom('OriginalBytes', 'metadata', { label: 'originals' }),
    darkroom('VariantBytes', 'metadata', { label: 'variants' }),
  ]),

  graph('Function errors', everyFunction('Errors')),
  graph('Function throttles', everyFunction('Throttles')),
  graph('Function duration, p99 (ms)', everyFunction('Duration', { stat: 'p99' })),

  graph('API errors of ours (5xx)', api('5xx')),
  graph('API errors of callers (4xx)', api('4xx')),
  graph('API latency, p99 (ms)', api('Latency', { stat: 'p99' })),
].map((widget, n) => ({ ...widget, x: (n % 3) * widget.width, y: Math.floor(n / 3) * LINE }));

module.exports = {
  Resources: {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: 'darkroom-${sls:stage}',
        DashboardBody: {
          'Fn::Sub': [
            JSON.stringify({ start: '-PT3H', widgets }),
            { UploadApiId: apiId('UploadApiUrl'), CatalogueApiId: apiId('CatalogueApiUrl') },
          ],
        },
      },
    },
  },
};
