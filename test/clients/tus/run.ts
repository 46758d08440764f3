import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as client from 'tus-js-client';
import { type HttpRequest, Upload, type UrlStorage } from 'tus-js-client';
import type { TusJob, TusReport } from '../tus.ts';

// It is exported in Node, and its types leave it out.
const { FileUrlStorage } = client as unknown as { FileUrlStorage: new (path: string) => UrlStorage };

const job = JSON.parse(process.env['TUS_JOB'] ?? '') as TusJob;
const file = await readFile(job.path);

const print = (report: TusReport): void => void process.stdout.write(`${JSON.stringify(report)}\n`);

/** tus-js-client has no checksums of its own; an app adds the header. */
const addChecksum = (request: HttpRequest): void => {
  const offset = request.getHeader('Upload-Offset');
  if (offset === undefined) return;
  const bytes = file.subarray(Number(offset), Number(offset) + job.chunkSize);
  request.setHeader('Upload-Checksum', `sha1 ${createHash('sha1').update(bytes).digest('base64')}`);
};

const requests: string[] = [];
let chunks = 0;
const { promise, resolve } = Promise.withResolvers<string | null>();
const upload = new Upload(file, {
  endpoint: job.endpoint,
  chunkSize: job.chunkSize,
  metadata: job.metadata,
  retryDelays: Array<number>(job.retries).fill(20),
  storeFingerprintForResuming: true,
  urlStorage: new FileUrlStorage(job.storage),
  uploadDataDuringCreation: job.duringCreation === true,
  overridePatchMethod: job.overrideMethod === true,
  onBeforeRequest: (request) => {
    requests.push(request.getMethod());
    if (job.checksum === true) addChecksum(request);
  },
  onChunkComplete: () => {
    chunks += 1;
    // As when the phone is switched off: not a word more.
    if (job.act === 'crash' && chunks === 2) process.exit(0);
    if (job.act === 'terminate' && chunks === 2) void upload.abort(true).then(() => resolve('terminated'));
  },
  onError: (error) => resolve(error.message),
  onSuccess: () => resolve(null),
});

const previous = await upload.findPreviousUploads();
if (previous[0] !== undefined) upload.resumeFromPreviousUpload(previous[0]);
upload.start();
const error = await promise;
print({ error, url: upload.url, chunks, requests, resumed: previous.length });
