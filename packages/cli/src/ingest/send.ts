import type { UploadInstructions } from '@darkroom/types/api';
import type { ApiClient, SignedPart } from '../api/client.ts';
import { CliError } from '../errors.ts';

/** Tries of one request to storage, with full jitter between them (AWS architecture blog, "Exponential Backoff And Jitter"). */
const TRIES = 5;
const BACKOFF_MS = 200;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const storageError = async (response: Response): Promise<CliError> => {
  const text = await response.text();
  const [, message] = /<Message>(.*?)<\/Message>/s.exec(text) ?? [];
  return new CliError(
    'API_ERROR',
    `expected storage to take the bytes but it answered ${response.status}: ${message ?? text.slice(0, 120)}`,
  );
};

const withRetry = async (send: () => Promise<Response>): Promise<Response> => {
  for (let attempt = 1; ; attempt++) {
    const outcome = await send().catch(
      (cause: unknown) =>
        new CliError('API_UNREACHABLE', 'expected storage to answer but it cannot be reached', { cause }),
    );
    if (outcome instanceof Response && outcome.ok) return outcome;
    // 4xx but 429 means that the same request will be refused again.
    const final = outcome instanceof Response && outcome.status < 500 && outcome.status !== 429;
    if (final || attempt === TRIES) throw outcome instanceof Response ? await storageError(outcome) : outcome;
    await pause(Math.random() * BACKOFF_MS * 2 ** attempt);
  }
};

const sendPost = async (upload: Extract<UploadInstructions, { kind: 'post' }>, bytes: Buffer): Promise<void> => {
  const blob = new Blob([bytes]);
  const response = await withRetry(() => {
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    // S3 ignores every field after `file`, so it comes last.
    form.append('file', blob);
    return fetch(upload.url, { method: 'POST', body: form });
  });
  await response.body?.cancel();
};

interface Destination {
  readonly api: ApiClient;
  readonly imageId: string;
  readonly uploadToken: string;
}

const sendPart = async (
  part: SignedPart,
  bytes: Buffer,
  partSize: number,
): Promise<{ partNumber: number; etag: string }> => {
  const start = (part.partNumber - 1) * partSize;
  const body = bytes.subarray(start, start + part.size) as Buffer<ArrayBuffer>;
  const response = await withRetry(() => fetch(part.url, { method: 'PUT', body }));
  await response.body?.cancel();
  const etag = response.headers.get('etag');
  if (etag === null) throw new CliError('API_ERROR', `expected an ETag for part ${part.partNumber} but received none`);
  return { partNumber: part.partNumber, etag };
};

const sendMultipart = async (
  upload: Extract<UploadInstructions, { kind: 'multipart' }>,
  bytes: Buffer,
  to: Destination,
): Promise<void> => {
  const done = new Map(
    (await to.api.listParts(to.imageId, to.uploadToken)).map((part) => [part.partNumber, part.etag]),
  );
  const signed = new Map(upload.parts.map((part) => [part.partNumber, part]));
  for (let partNumber = 1; partNumber <= upload.partCount; partNumber++) {
    if (done.has(partNumber)) continue;
    const part = signed.get(partNumber) ?? (await to.api.signParts(to.imageId, to.uploadToken, [partNumber]))[0];
    if (part === undefined) throw new CliError('API_ERROR', `expected a URL for part ${partNumber} but received none`);
    done.set(partNumber, (await sendPart(part, bytes, upload.partSize)).etag);
  }
  await to.api.complete(
    to.imageId,
    to.uploadToken,
    [...done].map(([partNumber, etag]) => ({ partNumber, etag })),
  );
};

/** Sends the bytes of one file as the instructions say; parts that storage already has are not sent again. */
export const sendBytes = (upload: UploadInstructions, bytes: Buffer, to: Destination): Promise<void> =>
  upload.kind === 'post' ? sendPost(upload, bytes) : sendMultipart(upload, bytes, to);
