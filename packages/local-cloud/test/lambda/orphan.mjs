// Starts one function that loops for ever and reports its process, to be killed by the test.
import { createLambda } from '../../src/lambda/index.ts';

const [dataDir, spec] = process.argv.slice(2);
const context = {
  accountId: '000000000000',
  region: 'us-east-1',
  dataDir,
  endpoint: () => 'http://127.0.0.1:1',
  now: () => Date.now(),
  credentials: new Map([['test', 'test']]),
  log: () => undefined,
};
const ports = {
  queues: { receive: async () => [], remove: () => undefined },
  nextTime: () => undefined,
  send: () => undefined,
};
const lambda = createLambda(context, ports);
const functions = JSON.parse(spec);
await lambda.deploy({ functions, queueTriggers: [], schedules: [] });
void lambda.invoke(functions[0].name, { ms: 60_000 });
void lambda.invoke(functions[1].name, {});
setTimeout(
  () =>
    process.stdout.write(
      `${JSON.stringify(lambda.describe().flatMap(({ processes }) => processes.map(({ pid }) => pid)))}\n`,
    ),
  500,
);
