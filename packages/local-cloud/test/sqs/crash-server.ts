// Runs queues, tables and events of the stand-in on the folder in argv[2], to be killed by crash.test.ts.
import { createDynamoDb } from '../../src/dynamodb/index.ts';
import { createEvents } from '../../src/events/index.ts';
import { createCloudServer } from '../../src/server.ts';
import { createSqs } from '../../src/sqs/index.ts';

let endpoint = '';
const context = {
  accountId: '000000000000',
  region: 'us-east-1',
  dataDir: process.argv[2] ?? '',
  endpoint: () => endpoint,
  now: () => Date.now(),
  credentials: new Map([['test', 'test']]),
  log: () => undefined,
};
const sqs = createSqs(context);
const events = createEvents(context, {
  sendToQueue: sqs.sendToQueue,
  invoke: () => Promise.reject(new Error('expected no function to be invoked')),
});
const server = createCloudServer({
  port: 0,
  services: {
    json: [sqs, createDynamoDb(context), events],
    s3: { handle: (_request, response) => Promise.resolve(void response.writeHead(501).end()) },
  },
  log: context.log,
});
({ endpoint } = await server.listen());
process.stdout.write(`${endpoint}\n`);
// The parent has gone without killing us.
process.stdin.resume().on('end', () => process.exit());
