import { createS3 } from '../../src/s3/index.ts';
import { createCloudServer } from '../../src/server.ts';

/**
 * S3 alone, in a process that the test may kill at any moment: `node crash-server.ts DATA_DIR [lose-notifications]`. Prints its endpoint.
 * With `lose-notifications` the queue fails as if the process died between the commit and the send.
 */
const [dataDir = '', mode] = process.argv.slice(2);
let endpoint = '';
const s3 = createS3(
  {
    accountId: '000000000000',
    region: 'eu-west-1',
    dataDir,
    endpoint: () => endpoint,
    now: () => Date.now(),
    credentials: new Map([['test', 'test']]),
    log: () => {},
  },
  {
    sendToQueue: (_queue, body) => {
      if (mode === 'lose-notifications' && !body.includes('s3:TestEvent'))
        throw new Error('the queue cannot be reached');
      process.stdout.write(`${JSON.stringify({ sent: body })}\n`);
    },
  },
);
const server = createCloudServer({ port: 0, services: { json: [], s3 }, log: () => {} });
({ endpoint } = await server.listen());
process.stdout.write(`${JSON.stringify({ endpoint })}\n`);
// Goes with its parent, however that ends.
process.stdin.resume().on('end', () => process.exit());
