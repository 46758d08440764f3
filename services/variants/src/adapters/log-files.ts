import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ReadLog } from '../ports.ts';

/** Log files in S3, gunzipped line by line: a file of any size takes the memory of a line. Throws the SDK's and zlib's errors. */
export const createReadLog = (s3: S3Client): ReadLog =>
  async function* readLog({ bucket, key }) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(Body instanceof Readable)) return;
    const gunzip = createGunzip();
    // readline does not hear of errors of its input: without this a broken file would be a short one.
    const broken = new Promise<never>((_resolve, reject) => {
      for (const stream of [Body, gunzip]) stream.once('error', reject);
    });
    broken.catch(() => undefined);
    const lines = createInterface({ input: Body.pipe(gunzip), crlfDelay: Number.POSITIVE_INFINITY });
    const iterator = lines[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), broken]);
        if (next.done === true) break;
        yield next.value;
      }
    } finally {
      lines.close();
      Body.destroy();
      gunzip.destroy();
    }
  };
