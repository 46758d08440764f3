import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { pngOf } from '../../packages/imaging/test/support/bytes.ts';
import { type LocalCloud, startLocalCloud } from '../../packages/local-cloud/src/index.ts';
import { signToken, verifyUploadToken } from '../../packages/runtime/src/tokens.ts';
import { originalKey } from '../../packages/types/src/keys.ts';
import { tokenSecretParameter } from '../../packages/types/src/parameters.ts';
import { s3Of } from '../support/aws.ts';
import { bytesOf } from '../support/bytes.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../support/fault-proxy.ts';
import type { TusJob, TusReport } from './tus.ts';

const SECRET = 'a-test-secret-of-at-least-32-bytes!';
const BUCKET = 'darkroom-local-originals-000000000000-us-east-1';
const KIBIBYTE = 1_024;
const MEBIBYTE = 1_024 * KIBIBYTE;
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let cloud: LocalCloud;
let dir: string;
let s3: S3Client;
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'darkroom-tus-'));
  cloud = await startLocalCloud({
    dataDir: join(dir, 'data'),
    port: 0,
    apiPort: 0,
    cdnPort: 0,
    services: [folder('../support/ingest-queue'), folder('../../services/upload')],
    seedParameters: { [tokenSecretParameter('local')]: { value: SECRET, type: 'SecureString' } },
  });
  s3 = s3Of(cloud.endpoint);
});
afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.stop())));
afterAll(async () => {
  s3.destroy();
  await cloud.stop();
  await rm(dir, { recursive: true, force: true });
});

const token = () =>
  signToken(
    { typ: 'access', tenant: 'acme', owner: 'ada', scopes: ['upload'], exp: Math.floor(Date.now() / 1000) + 3600 },
    SECRET,
  );
const endpointAt = (api: string) => `${api}/u/${token()}/files`;

let files = 0;
/** A file that begins like a picture; its name. */
const fileOf = async (size: number, picture = true): Promise<string> => {
  const bytes = Buffer.from(bytesOf(size, ++files));
  if (picture) pngOf(64, 48).copy(bytes);
  const path = join(dir, `${String(files)}.png`);
  await writeFile(path, bytes);
  return path;
};

/** The API behind faults; its answers name the proxy, because that is the Host that the API is told. */
const behind = async (faults: Partial<FaultProxyOptions>): Promise<FaultProxy> => {
  const proxy = await startFaultProxy({ target: cloud.apiUrl, host: 'client', ...faults });
  proxies.push(proxy);
  return proxy;
};

/** Runs the published tus-js-client in a process of its own, as somebody else's program. */
const tus = (job: Partial<TusJob> & Pick<TusJob, 'path'>): Promise<TusReport | undefined> =>
  new Promise((resolve, reject) => {
    const whole: TusJob = {
      endpoint: endpointAt(cloud.apiUrl),
      chunkSize: 256 * KIBIBYTE,
      metadata: { filename: 'a.png', filetype: 'image/png' },
      retries: 0,
      storage: `${job.path}.urls`,
      ...job,
    };
    const env = { PATH: process.env['PATH'], TUS_JOB: JSON.stringify(whole) };
    execFile(process.execPath, [folder('tus/run.ts')], { env }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`expected tus-js-client to end but it said: ${stderr}`, { cause: error }));
      else resolve(stdout === '' ? undefined : (JSON.parse(stdout) as TusReport));
    });
  });

const imageIn = (report: TusReport | undefined): string =>
  verifyUploadToken(report?.url?.split('/').at(-1) ?? '', { secret: SECRET, now: 0 }).imageId;
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const stored = async (report: TusReport | undefined) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: originalKey(imageIn(report)) }));
  return { ...answer, digest: digest((await answer.Body?.transformToByteArray()) ?? new Uint8Array()) };
};
const stagedOf = async (report: TusReport | undefined) => {
  const list = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `staging/${imageIn(report)}/` });
  return (await s3.send(list)).Contents ?? [];
};
const assessBytes = async (report: TusReport | undefined, path: string) => {
  expect(report?.error).toBeNull();
  expect((await stored(report)).digest).toBe(digest(await readFile(path)));
  expect(await stagedOf(report)).toEqual([]);
};

describe('tus-js-client 4', () => {
  it.each([
    ['256 KiB', 256 * KIBIBYTE, 3 * MEBIBYTE + 77],
    ['4 MiB, the largest that fits', 4 * MEBIBYTE, 9 * MEBIBYTE + 77],
  ])('sends a file in chunks of %s', async (_name, chunkSize, size) => {
    const path = await fileOf(size);
    const report = await tus({ path, chunkSize });
    await assessBytes(report, path);
    expect(report?.requests).toEqual(['POST', ...Array<string>(Math.ceil(size / chunkSize)).fill('PATCH')]);
  });

  it('keeps a name of any letters, the type and whose the file is', async () => {
    const path = await fileOf(1000);
    const metadata = { filename: 'Grüße 写真 1+1=2.png', filetype: 'image/png', caption: 'an der See, 夏' };
    const report = await tus({ path, metadata });
    await assessBytes(report, path);
    const { Metadata, ContentType } = await stored(report);
    expect(ContentType).toBe('image/png');
    expect(Metadata).toMatchObject({
      tenant: 'acme',
      owner: 'ada',
      filename: encodeURIComponent(metadata.filename),
      sha256: digest(await readFile(path)),
    });
  });

  it('sends bytes with the creation, PATCH as POST, and a checksum with every chunk', async () => {
    const path = await fileOf(700 * KIBIBYTE);
    const report = await tus({ path, duringCreation: true, overrideMethod: true, checksum: true });
    await assessBytes(report, path);
    expect(report?.requests).toEqual(['POST', 'POST', 'POST']);
  });

  it('goes on in a new process where the last one stopped', async () => {
    const path = await fileOf(2 * MEBIBYTE);
    const proxy = await behind({});
    const endpoint = endpointAt(proxy.url);
    expect(await tus({ path, endpoint, act: 'crash' })).toBeUndefined();
    const report = await tus({ path, endpoint });
    await assessBytes(report, path);
    expect(report?.resumed).toBe(1);
    expect(report?.requests[0]).toBe('HEAD');
    // The third chunk may have been on its way when the process died.
    const sent = proxy.log.reduce((sum, { bytesIn }) => sum + bytesIn, 0);
    expect(sent).toBeLessThanOrEqual(2 * MEBIBYTE + 256 * KIBIBYTE);
  });

  it.each([1, 2, 3])('arrives whole when 30 %% of the requests fail (seed %d)', async (seed) => {
    const path = await fileOf(3 * MEBIBYTE + 1);
    const proxy = await behind({ share: 0.3, seed });
    const report = await tus({ path, endpoint: endpointAt(proxy.url), retries: 20 });
    await assessBytes(report, path);
    expect(proxy.log.filter(({ fault }) => fault !== 'none').length).toBeGreaterThan(0);
  });

  it('hears of success when the answer of the last PATCH is lost', async () => {
    const path = await fileOf(600 * KIBIBYTE);
    let patches = 0;
    const proxy = await behind({
      decide: ({ method }) => (method === 'PATCH' && ++patches === 3 ? 'loseAnswer' : 'none'),
    });
    const report = await tus({ path, endpoint: endpointAt(proxy.url), retries: 3 });
    await assessBytes(report, path);
    expect(report?.requests.at(-1)).toBe('HEAD');
  });

  it('deletes an upload, of which nothing stays but a mark', async () => {
    const report = await tus({ path: await fileOf(2 * MEBIBYTE), act: 'terminate' });
    expect(report?.error).toBe('terminated');
    expect((await stagedOf(report)).map(({ Size }) => Size)).toEqual([1]);
    const again = await fetch(report?.url ?? '', { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
    expect(again.status).toBe(410);
  });

  it('sends a file without hope once and no further, and hears why', async () => {
    const path = await fileOf(2 * MEBIBYTE, false);
    const report = await tus({ path, retries: 5 });
    expect(report?.requests).toEqual(['POST', 'PATCH']);
    expect(report?.error).toContain('response code: 422');
    expect(report?.error).toContain('UNSUPPORTED_FORMAT');
  });

  it('hears what to set when its chunks are too large', async () => {
    const path = await fileOf(4 * MEBIBYTE + 1000);
    const report = await tus({ path, chunkSize: 5 * MEBIBYTE, retries: 5 });
    expect(report?.error).toContain('response code: 413');
    expect(report?.error).toContain("set the client's chunkSize to 4194304 or less");
  });
});

describe('through the gateway', () => {
  it('answers a preflight of a browser by itself', async () => {
    const headers = {
      origin: 'https://page.test',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'content-type,tus-resumable,upload-offset,upload-checksum',
    };
    const answer = await fetch(endpointAt(cloud.apiUrl), { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(',');
    for (const name of [
      'content-type',
      'tus-resumable',
      'upload-offset',
      'upload-metadata',
      'upload-length',
      'upload-checksum',
    ])
      expect(allowed).toContain(name);
  });

  it('lets the OPTIONS of tus through, and exposes what clients read', async () => {
    const answer = await fetch(endpointAt(cloud.apiUrl), {
      method: 'OPTIONS',
      headers: { origin: 'https://page.test' },
    });
    expect([answer.status, answer.headers.get('tus-version')]).toEqual([204, '1.0.0']);
    const exposed = (answer.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(',');
    for (const name of [
      'location',
      'upload-offset',
      'upload-length',
      'tus-resumable',
      'upload-expires',
      'upload-limit',
    ])
      expect(exposed).toContain(name);
  });

  it("takes the IETF's draft: a careful creation, two appends, the image", async () => {
    const file = await readFile(await fileOf(500 * KIBIBYTE));
    const draft = { 'upload-draft-interop-version': '8' };
    const created = await fetch(endpointAt(cloud.apiUrl), {
      method: 'POST',
      headers: { ...draft, 'upload-complete': '?0', 'upload-length': String(file.length), 'content-type': 'image/png' },
    });
    const url = created.headers.get('location') ?? '';
    const append = (offset: number, end: number) =>
      fetch(url, {
        method: 'PATCH',
        headers: {
          ...draft,
          'content-type': 'application/partial-upload',
          'upload-offset': String(offset),
          'upload-complete': end === file.length ? '?1' : '?0',
        },
        body: file.subarray(offset, end),
      });
    const middle = 300 * KIBIBYTE;
    expect([created.status, (await append(0, middle)).status]).toEqual([201, 204]);
    const asked = await fetch(url, { method: 'HEAD', headers: draft });
    expect([asked.status, asked.headers.get('upload-offset')]).toEqual([204, String(middle)]);
    const last = await append(middle, file.length);
    expect([last.status, last.headers.get('upload-complete')]).toEqual([200, '?1']);
    const report: TusReport = { error: null, url, chunks: 2, requests: [], resumed: 0 };
    expect((await stored(report)).digest).toBe(digest(file));
    expect(await last.json()).toMatchObject({ imageId: imageIn(report) });
  });

  it('takes what HttpURLConnection of Java sends for PATCH: POST, in chunked coding, once it was told to continue', async () => {
    const file = await readFile(await fileOf(500 * KIBIBYTE));
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': String(file.length) };
    const created = await fetch(endpointAt(cloud.apiUrl), { method: 'POST', headers });
    const url = created.headers.get('location') ?? '';
    const patch = request(url, {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'x-http-method-override': 'PATCH',
        'content-type': 'application/offset+octet-stream',
        'upload-offset': '0',
        expect: '100-continue',
        'transfer-encoding': 'chunked',
      },
    });
    patch.flushHeaders();
    await once(patch, 'continue');
    for (let at = 0; at < file.length; at += 100_000) patch.write(file.subarray(at, at + 100_000));
    const answered = once(patch, 'response') as Promise<[IncomingMessage]>;
    patch.end();
    const [answer] = await answered;
    answer.resume();
    expect([answer.statusCode, answer.headers['upload-offset']]).toEqual([204, String(file.length)]);
    const report: TusReport = { error: null, url, chunks: 1, requests: [], resumed: 0 };
    expect((await stored(report)).digest).toBe(digest(file));
  });

  it('two appends at the same offset: S3 keeps the first', async () => {
    const file = await readFile(await fileOf(500 * KIBIBYTE));
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': String(file.length) };
    const created = await fetch(endpointAt(cloud.apiUrl), { method: 'POST', headers });
    const url = created.headers.get('location') ?? '';
    const append = (offset: number, bytes: Uint8Array<ArrayBuffer>) =>
      fetch(url, {
        method: 'PATCH',
        headers: {
          'tus-resumable': '1.0.0',
          'content-type': 'application/offset+octet-stream',
          'upload-offset': String(offset),
        },
        body: bytes,
      });
    const sizes = [100, 200, 300].map((size) => size * KIBIBYTE);
    const answers = await Promise.all(sizes.map((size) => append(0, file.subarray(0, size))));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409]);
    const offset = Number(answers.find(({ ok }) => ok)?.headers.get('upload-offset'));
    expect((await append(offset, file.subarray(offset))).status).toBe(204);
    const report: TusReport = { error: null, url, chunks: 2, requests: [], resumed: 0 };
    expect((await stored(report)).digest).toBe(digest(file));
  });
});
