import { createHash } from 'node:crypto';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { createNodeUploader } from '@darkroom/client/node';
import { DarkroomUpload } from '@darkroom/client/uppy';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { Uppy as Uppy4 } from 'uppy-core-4';
import { Uppy as Uppy5 } from 'uppy-core-5';
import { Uppy as Uppy6 } from 'uppy-core-6';
import { type LocalCloud, startLocalCloud } from '../../../packages/local-cloud/src/index.ts';
import { signToken } from '../../../packages/runtime/src/tokens.ts';
import { originalKey } from '../../../packages/types/src/keys.ts';
import { tokenSecretParameter } from '../../../packages/types/src/parameters.ts';
import { s3Of } from '../../support/aws.ts';
import { inBrowser, launch, linkOf } from '../../support/browser.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { writePhonePhoto } from '../../support/photos.ts';

const SECRET = 'a-test-secret-of-at-least-32-bytes!';
const BUCKET = 'darkroom-local-originals-000000000000-us-east-1';
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let cloud: LocalCloud;
let dir: string;
let s3: S3Client;
/** A photograph of some megabytes: the first bytes are judged, so they must be those of an image. */
let photo: Buffer;
const proxies: FaultProxy[] = [];

const token = signToken(
  {
    typ: 'access',
    tenant: 'acme',
    owner: 'ada',
    scopes: ['upload'],
    exp: Math.floor(Date.now() / 1000) + 3600,
  },
  SECRET,
);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'darkroom-plugin-'));
  const { name } = await writePhonePhoto(dir, 6, 2400, 1800);
  photo = await readFile(join(dir, name));
  cloud = await startLocalCloud({
    dataDir: join(dir, 'data'),
    port: 0,
    apiPort: 0,
    cdnPort: 0,
    services: [folder('../../support/ingest-queue'), folder('../../../services/upload')],
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

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const digestOfOriginal = async (imageId: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: originalKey(imageId) }));
  return digest((await Body?.transformToByteArray()) ?? new Uint8Array());
};
const keysUnder = async (Prefix: string) => {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
  return (Contents ?? []).map(({ Key }) => Key);
};

/** The API behind a link on which every third request fails, in each of the ways that a link has. */
const behindFaults = async () => {
  const storage = await startFaultProxy({ target: cloud.endpoint, share: 0.3, seed: 7 });
  const rewrite = { [cloud.endpoint]: storage.url };
  const api = await startFaultProxy({ target: cloud.apiUrl, share: 0.3, seed: 11, rewrite });
  proxies.push(storage, api);
  return { api: api.url, storage };
};

const quiet = { logger: { debug: () => undefined, warn: () => undefined, error: () => undefined }, infoTimeout: 1 };
type AnyUppy = Uppy6<Record<string, unknown>, Record<string, unknown>>;
const versions: [string, () => AnyUppy][] = [
  [Uppy4.VERSION, () => new Uppy4(quiet) as unknown as AnyUppy],
  [Uppy5.VERSION, () => new Uppy5(quiet) as unknown as AnyUppy],
  [Uppy6.VERSION, () => new Uppy6(quiet)],
];

describe.each(versions)('Uppy %s with the plugin and the real API', (_version, create) => {
  it('uploads in micro-chunks over a link on which a third of the requests fail, byte for byte', async () => {
    const { api, storage } = await behindFaults();
    const uploader = createNodeUploader({ api, token, prefer: 'chunks' });
    const uppy = create().use(DarkroomUpload, { uploader });
    uppy.addFile({ name: 'ñ 写真.jpg', type: 'image/jpeg', data: new Blob([Uint8Array.from(photo)]) });

    const result = await uppy.upload();

    const [file] = result?.successful ?? [];
    const { imageId } = file?.response?.body as { imageId: string };
    expect(await digestOfOriginal(imageId)).toBe(digest(photo));
    expect(await keysUnder(`staging/${imageId}/`)).toEqual([]);
    expect(
      storage.log.filter(({ method, path }) => method === 'PUT' && path.includes('/staging/')).length,
    ).toBeGreaterThan(1);
    uploader.close();
  });

  it('says why what is no image is refused', async () => {
    // The verdict comes with the signing of further chunks, once the first is in storage: on loopback it can be too late for either.
    const isFirstThere = async (imageId: string) =>
      (await keysUnder(`staging/${imageId}/`)).some((key) => key?.endsWith('/0'));
    const api = await startFaultProxy({
      target: cloud.apiUrl,
      decide: async ({ path }) => {
        const [, imageId] = /\/uploads\/(\w+)\/chunks$/.exec(path) ?? [];
        while (imageId !== undefined && !(await isFirstThere(imageId))) await new Promise(setImmediate);
        return 'none' as const;
      },
    });
    proxies.push(api);
    const uploader = createNodeUploader({ api: api.url, token, prefer: 'chunks' });
    const uppy = create().use(DarkroomUpload, { uploader });
    const text = new Blob(['this is not a photograph '.repeat(400_000)]);
    uppy.addFile({ name: 'text.jpg', type: 'image/jpeg', data: text });

    const result = await uppy.upload();

    expect(result?.failed?.[0]?.response).toMatchObject({ status: 409, body: { code: 'UNSUPPORTED_FORMAT' } });
    uploader.close();
  });

  it('takes what has arrived off the server when a file is removed in the middle', async () => {
    // A storage that takes nothing after the first two chunks: the middle lasts until the file is removed.
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    let puts = 0;
    const storage = await startFaultProxy({
      target: cloud.endpoint,
      decide: async ({ method }) => {
        if (method === 'PUT' && ++puts > 2) await held;
        return 'none' as const;
      },
    });
    const api = await startFaultProxy({ target: cloud.apiUrl, rewrite: { [cloud.endpoint]: storage.url } });
    proxies.push(storage, api);
    const uploader = createNodeUploader({ api: api.url, token, prefer: 'chunks' });
    const uppy = create().use(DarkroomUpload, { uploader });
    const id = uppy.addFile({ name: 'photo.jpg', type: 'image/jpeg', data: new Blob([Uint8Array.from(photo)]) });
    const finished = uppy.upload();
    const deleted = () => api.log.find(({ method }) => method === 'DELETE');
    while (puts <= 2) await new Promise(setImmediate);

    uppy.removeFile(id);
    while (deleted() === undefined) await new Promise(setImmediate);
    release(undefined);
    await finished;

    const imageId = deleted()!.path.split('/').at(-1)!;
    await expect(digestOfOriginal(imageId)).rejects.toMatchObject({ name: 'NoSuchKey' });
    uploader.close();
  });
});

inBrowser('Uppy 6 with the plugin in Chromium', () => {
  let browser: Browser;
  let pages: Server;
  let origin: string;

  beforeAll(async () => {
    const contents = `
      import { Uppy } from 'uppy-core-6';
      import { DarkroomUpload } from '@darkroom/client/uppy';
      window.start = (options) => {
        const uppy = new Uppy();
        uppy.use(DarkroomUpload, options);
        window.uppy = uppy;
        window.heard = [];
        for (const name of ['upload-progress', 'upload-success', 'upload-error'])
          uppy.on(name, (file, told) => window.heard.push([name, told?.message ?? told]));
      };`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder('.') },
      bundle: true,
      write: false,
      format: 'iife',
    });
    const script = outputFiles[0]!.text;
    pages = createServer((request, answer) => {
      if (request.url === '/photo.jpg') return void answer.end(photo);
      answer.setHeader('content-type', 'text/html; charset=utf-8');
      answer.end(`<!doctype html><title>Uppy</title><script>${script.replaceAll('</script', '<\\/script')}</script>`);
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
    browser = await launch();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => pages.close(resolve));
  });

  /** As when somebody picks the same file again: same name, size and time of change. */
  const begin = async (page: Page) => {
    await page.goto(origin);
    await page.evaluate(`(async () => {
      start(${JSON.stringify({ api: cloud.apiUrl, token, prefer: 'chunks' })});
      const bytes = await (await fetch('/photo.jpg')).arrayBuffer();
      uppy.addFile({ name: 'photo.jpg', type: 'image/jpeg', data: new File([bytes], 'photo.jpg', { type: 'image/jpeg', lastModified: 5 }) });
    })()`);
  };

  it('goes on after a reload in the middle when the same file is added again', async () => {
    // Prepare
    const page = await browser.newPage();
    await begin(page);
    const link = await linkOf(page);
    // Half a minute for the whole: a busy machine reloads late.
    await link.throttle(60_000, 20);

    // Act: reload once some of it is in storage, and let the rest go unhindered.
    const before = await keysUnder('staging/');
    await page.evaluate('void uppy.upload()');
    const stagedAtAll = async (): Promise<(string | undefined)[]> => {
      for (;;) {
        const keys = (await keysUnder('staging/')).filter((key) => key !== undefined && !before.includes(key));
        if (keys.length >= 2) return keys;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const [staged] = await stagedAtAll();
    await link.cut();
    await link.free();
    await begin(page);
    await page.evaluate('uppy.upload()');

    // Assess
    const heard = await page.evaluate<[string, { body?: { imageId: string; resumed: boolean } }][]>('window.heard');
    const [success] = heard.filter(([name]) => name === 'upload-success');
    expect(success?.[1].body?.resumed).toBe(true);
    expect(staged).toContain(success![1].body!.imageId);
    expect(await digestOfOriginal(success![1].body!.imageId)).toBe(digest(photo));
    await page.close();
  }, 120_000);

  it('pauses in the middle, resumes, and tells progress that ends at a hundred percent', async () => {
    const page = await browser.newPage();
    await begin(page);
    await (await linkOf(page)).throttle(800_000, 20);

    await page.evaluate(`(async () => {
      window.finished = uppy.upload();
      await new Promise((resolve) => uppy.on('upload-progress', (file, { bytesUploaded }) => bytesUploaded > 200_000 && resolve()));
      uppy.pauseAll();
    })()`);
    const paused = await page.evaluate<boolean>('uppy.getFiles()[0].isPaused');
    await page.evaluate('uppy.resumeAll(), window.finished.then(() => undefined)');

    const file = await page.evaluate<{ progress: { percentage: number }; response: { body: { imageId: string } } }>(
      `(({ progress, response }) => ({ progress, response }))(uppy.getFiles()[0])`,
    );
    expect(paused).toBe(true);
    expect(file.progress.percentage).toBe(100);
    expect(await digestOfOriginal(file.response.body.imageId)).toBe(digest(photo));
    await page.close();
  }, 120_000);
});
