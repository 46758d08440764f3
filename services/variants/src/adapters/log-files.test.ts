import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { GetObjectCommand, type GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { createReadLog } from './log-files.ts';

const s3 = mockClient(S3Client);

const linesOf = async (body: Buffer): Promise<string[]> => {
  s3.on(GetObjectCommand).resolves({
    Body: Readable.from([body], { objectMode: false }) as unknown as NonNullable<GetObjectCommandOutput['Body']>,
  });
  const lines: string[] = [];
  for await (const line of createReadLog(new S3Client({}))({ bucket: 'logs', key: 'a.gz' })) lines.push(line);
  return lines;
};

describe('a log file', () => {
  it('is read line by line, also when it is gzipped in pieces', async () => {
    const file = Buffer.concat([gzipSync('one\ntwo\n'), gzipSync('three')]);
    await expect(linesOf(file)).resolves.toEqual(['one', 'two', 'three']);
  });

  it.each([
    ['cut off', gzipSync('one\n'.repeat(5_000)).subarray(0, 40)],
    ['not gzipped', Buffer.from('one\ntwo\n')],
  ])('that is %s is an error, not a short file', async (_what, file) => {
    await expect(linesOf(file)).rejects.toThrow();
  });
});
