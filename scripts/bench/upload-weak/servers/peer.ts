// A process with the servers of the peers: @tus/server with its own file store, and a service that signs plain PUTs.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import process from 'node:process';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { s3Options } from './s3-options.ts';

const [directory = '', s3 = '', bucket = ''] = process.argv.slice(2);
/** As long as Darkroom's own URLs live. */
const URL_SECONDS = 900;

const tus = new Server({ path: '/files', datastore: new FileStore({ directory }) });
const client = new S3Client(s3Options(s3));

const sign = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { type, size } = (await json(request)) as { type: string; size: number };
  const key = `plain/${randomUUID()}`;
  const put = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: type, ContentLength: size });
  const url = await getSignedUrl(client, put, { expiresIn: URL_SECONDS });
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url, key }));
};

const server = createServer((request, response) => {
  const answered = request.url === '/sign' ? sign(request, response) : tus.handle(request, response);
  // A client that is cut off fails its request and nothing else.
  answered.catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address for the peer server');
  process.send?.({ peer: `http://127.0.0.1:${String(address.port)}` });
});
process.once('disconnect', () => process.exit(0));
