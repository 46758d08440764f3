import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListMultipartUploadsCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type LocalCloud, startLocalCloud } from '../../packages/local-cloud/src/index.ts';
import { signToken } from '../../packages/runtime/src/tokens.ts';
import { tokenSecretParameter } from '../../packages/types/src/parameters.ts';
import { s3Of } from '../support/aws.ts';
import { bytesOf } from '../support/bytes.ts';
import {
  type Decision,
  type FaultProxy,
  type FaultProxyOptions,
  type ProxiedRequest,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import type { UppyJob, UppyReport } from './uppy.ts';

const SECRET = 'a-test-secret-of-at-least-32-bytes!';
const BUCKET = 'darkroom-local-originals-000000000000-us-east-1';
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let cloud: LocalCloud;
let dataDir: string;
let s3: S3Client;
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'darkroom-uppy-'));
  cloud = await startLocalCloud({
    dataDir,
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
  await rm(dataDir, { recursive: true, force: true });
});

const tokenOf = (changes = {}, secret = SECRET) =>
  signToken(
    {
      typ: 'access',
      tenant: 'acme',
      owner: 'ada',
      scopes: ['upload'],
      exp: Math.floor(Date.now() / 1000) + 3600,
      ...changes,
    },
    secret,
  );
const pathOf = (token: string) => `/u/${token}`;

/** The API and the storage as a client finds them behind a link with faults. */
const behindFaults = async (faults: { api?: Partial<FaultProxyOptions>; storage?: Partial<FaultProxyOptions> }) => {
  const storage = await startFaultProxy({ target: cloud.endpoint, ...faults.storage });
  const api = await startFaultProxy({
    target: cloud.apiUrl,
    rewrite: { [cloud.endpoint]: storage.url },
    ...faults.api,
  });
  proxies.push(storage, api);
  return { storage, api, endpoint: `${api.url}${pathOf(tokenOf())}` };
};

/** Runs the published Uppy of a major in a process of its own, as somebody else's program. */
const uppy = (major: number, job: Partial<UppyJob> & Pick<UppyJob, 'files'>): Promise<UppyReport> =>
  new Promise((resolve, reject) => {
    const whole: UppyJob = { endpoint: `${cloud.apiUrl}${pathOf(tokenOf())}`, multipart: true, retries: 0, ...job };
    const env = { PATH: process.env['PATH'], UPPY_JOB: JSON.stringify(whole) };
    execFile(process.execPath, [folder(`uppy${String(major)}/run.ts`)], { env }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`expected a report of Uppy but received: ${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout) as UppyReport);
    });
  });

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const stored = async (key: string | null) => {
  const { Body, Metadata, ContentType } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key ?? '' }));
  return { digest: sha256((await Body?.transformToByteArray()) ?? new Uint8Array()), Metadata, ContentType };
};
/** Every file of a report is stored as it was, and its address is the one that was told. */
const assessBytes = async (report: UppyReport, files: UppyJob['files']) => {
  for (const [n, file] of files.entries()) {
    const { name, error, key } = report.files[n] ?? { name: '', error: 'none', key: null };
    expect({ name, error }).toEqual({ name: file.name, error: null });
    expect((await stored(key)).digest).toBe(sha256(bytesOf(file.size, file.seed)));
  }
};
const openUploads = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? [];

/** As small as Uppy makes a part that is not the last. */
const PART = 5_242_880;
const large = { name: 'ñ 写真.jpg', type: 'image/jpeg', size: PART + 77_777, seed: 1 };
const larger = { ...large, size: 2 * PART + 77_777 };
const small = { name: 'Straße, 1+1=2 & 50 %.png', type: 'image/png', size: 300_001, seed: 2 };
const isComplete = ({ method, path }: ProxiedRequest) => method === 'POST' && path.includes('/complete?');
const isCreate = ({ method, path }: ProxiedRequest) => method === 'POST' && path.endsWith('/multipart');
const isPart = ({ method, path }: ProxiedRequest) => method === 'PUT' && path.includes('partNumber=');

/** The first request that fits meets the given fate, all others none. */
const once = (
  fits: (asked: ProxiedRequest) => boolean,
  fate: (asked: ProxiedRequest) => Decision | Promise<Decision>,
) => {
  let isDone = false;
  return (asked: ProxiedRequest) => {
    if (isDone || !fits(asked)) return 'none' as const;
    isDone = true;
    return fate(asked);
  };
};
const loseAnswer = () => 'loseAnswer' as const;

/** The path of a part's URL as it was signed a day ago for an hour. */
const expired = async ({ path }: { path: string }): Promise<{ path: string }> => {
  const { pathname, searchParams } = new URL(path, cloud.endpoint);
  const command = new UploadPartCommand({
    Bucket: BUCKET,
    Key: pathname.slice(BUCKET.length + 2),
    UploadId: searchParams.get('uploadId') ?? '',
    PartNumber: Number(searchParams.get('partNumber')),
  });
  const signingDate = new Date(Date.now() - 86_400_000);
  const url = new URL(await getSignedUrl(s3, command, { expiresIn: 3_600, signingDate }));
  return { path: `${url.pathname}${url.search}` };
};

describe.each([4, 5, 6])('@uppy/aws-s3 of Uppy %d, as published', (major) => {
  // Uppy 4 and 5 leave null metadata out; 6 sends it.
  const album = major === 6 ? { album: 'null' } : {};

  it('stores small files by forms, byte for byte, with their names and metadata', async () => {
    const meta = { caption: 'ein Süßes', rating: 5, album: null, tenant: 'evil' };
    const files = [
      { ...small, meta },
      { name: 'unknown', type: '', size: 1, seed: 3 },
    ];
    const report = await uppy(major, { files, multipart: false });

    await assessBytes(report, files);
    const { key = null, uploadURL } = report.files[0] ?? {};
    expect(uploadURL).toBe(`${cloud.endpoint}/${BUCKET}/${String(key)}`);
    const { Metadata, ContentType } = await stored(key);
    expect(ContentType).toBe('image/png');
    const filename = encodeURIComponent(small.name);
    expect(Metadata).toMatchObject({ tenant: 'acme', owner: 'ada', filename, rating: '5', ...album });
  });

  it('stores a large file in parts, byte for byte, with its name and metadata', async () => {
    const files = [{ ...larger, meta: { caption: 'süß', rating: 5, album: null, sha256: 'evil' } }];
    const report = await uppy(major, { files });

    await assessBytes(report, files);
    expect(report.parts).toBe(3);
    const { key = null, uploadURL } = report.files[0] ?? {};
    expect(uploadURL).toBe(`${cloud.endpoint}/${BUCKET}/${String(key)}`);
    const { Metadata } = await stored(key);
    const caption = `=?UTF-8?B?${Buffer.from('süß').toString('base64')}?=`;
    expect(Metadata).toMatchObject({ filename: encodeURIComponent(larger.name), caption, rating: '5', ...album });
    expect(Metadata).not.toHaveProperty('sha256');
  });

  it.each([11, 12])('brings everything through where three requests in ten fail (seed %d)', async (seed) => {
    const share = 0.3;
    const { endpoint, api, storage } = await behindFaults({
      api: { share, seed },
      storage: { share, seed: seed + 100 },
    });
    const files = [large, { ...large, name: 'second.jpg', size: PART - 1, seed: 4 }];
    // No version tries every request of its own again: a person presses "retry", as often as this at most.
    const report = await uppy(major, { endpoint, files, retries: 60 });

    await assessBytes(report, files);
    expect([...api.log, ...storage.log].some(({ fault }) => fault !== 'none')).toBe(true);
  });

  it('pauses and goes on', async () => {
    const report = await uppy(major, { files: [large], act: 'pause' });
    await assessBytes(report, [large]);
  });

  it('leaves nothing in storage when it is cancelled', async () => {
    const before = await openUploads();
    const report = await uppy(major, { files: [larger], act: 'cancel' });
    expect(report.files).toEqual([]);
    expect(await openUploads()).toEqual(before);
  });

  it('goes on after a crash with the parts that are there', async () => {
    const first = await uppy(major, { files: [larger], act: 'crash' });
    const { key = '', uploadId = '' } = first.state ?? {};
    const { endpoint, storage } = await behindFaults({});
    const second = await uppy(major, { endpoint, files: [larger], restore: { key, uploadId } });

    await assessBytes(second, [larger]);
    expect(second.files[0]?.key).toBe(key);
    // Uppy 4 and 5 send parts side by side, so more than one may have arrived before the crash.
    expect(storage.log.filter(isPart).length).toBeLessThan(3);
  });

  it('sends a part again of which the answer was lost', async () => {
    const { endpoint } = await behindFaults({ storage: { decide: once(isPart, loseAnswer) } });
    const report = await uppy(major, { endpoint, files: [large] });
    await assessBytes(report, [large]);
  });

  it('goes on when the URL of a part has expired', async () => {
    const { endpoint, storage } = await behindFaults({ storage: { decide: once(isPart, expired) } });
    const report = await uppy(major, { endpoint, files: [large], retries: 1 });
    await assessBytes(report, [large]);
    // Version 6 gives the file up at once and goes on with what is there when it is told to try again; 4 and 5 sign anew.
    expect(report.retries).toBe(major === 6 ? 1 : 0);
    expect(storage.log.filter(isPart)).toHaveLength(3);
  });

  it('comes to the stored file when the answer to its completion was lost', async () => {
    const { endpoint, api } = await behindFaults({ api: { decide: once(isComplete, loseAnswer) } });
    const report = await uppy(major, { endpoint, files: [large], retries: 1 });
    await assessBytes(report, [large]);
    // Versions 4 and 5 forget the upload at an error of complete and send all again, under a new key.
    expect(api.log.filter(isCreate)).toHaveLength(major === 6 ? 1 : 2);
  });

  it('ends in an error when the token is refused', async () => {
    const forged = tokenOf({}, 'another-secret-of-at-least-32-bytes');
    const report = await uppy(major, { endpoint: `${cloud.apiUrl}${pathOf(forged)}`, files: [large] });
    expect(report.files[0]?.error).toMatch(major === 6 ? /Unauthorized/ : /Authorization required/);
  });
});

/** Asks as a browser asks before a request of another origin (Fetch Standard, CORS-preflight fetch); fetch may not set these headers. */
const preflight = (url: string, method: string, headers: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const asked = {
      origin: 'https://page.example',
      'access-control-request-method': method,
      ...(headers !== '' && { 'access-control-request-headers': headers }),
    };
    const call = request(url, { method: 'OPTIONS', headers: asked }, (answer) => resolve(answer.resume()));
    call.on('error', reject).end();
  });

const listOf = (header: unknown): string[] => String(header).toLowerCase().split(/, */);

describe('a browser of another origin', () => {
  it.each([
    ['POST', 'content-type'],
    ['GET', 'authorization,uppy-auth-token,uppy-credentials-params'],
    ['DELETE', ''],
  ])('may %s with %p to the routes of Companion', async (method, headers) => {
    const answer = await preflight(`${cloud.apiUrl}${pathOf(tokenOf())}/s3/multipart`, method, headers);
    expect([200, 204]).toContain(answer.statusCode);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(listOf(answer.headers['access-control-allow-methods'])).toContain(method.toLowerCase());
    const allowed = listOf(answer.headers['access-control-allow-headers']);
    for (const header of headers.split(',').filter(Boolean)) expect(allowed).toContain(header);
  });

  it('may read the errors of Companion', async () => {
    const url = `${cloud.apiUrl}${pathOf('x')}/s3/params?filename=a`;
    const answer = await fetch(url, { headers: { origin: 'https://page.example' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('may PUT parts into the storage and read their ETags', async () => {
    const url = `${cloud.endpoint}/${BUCKET}/originals/aa/x/source`;
    const answer = await preflight(url, 'PUT', 'content-type');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(listOf(answer.headers['access-control-expose-headers'])).toEqual(
      expect.arrayContaining(['etag', 'location']),
    );
  });
});
