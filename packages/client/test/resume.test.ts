import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profiles } from '../../../scripts/bench/link/profiles.ts';
import type { ResumeStore, Uploader, UploaderOptions } from '../src/contract.ts';
import { createFileStore, createNodeUploader, fileSource } from '../src/node/index.ts';
import { type Asked, type Cloud, startCloud } from './support/cloud.ts';
import { randomBytes } from './support/random.ts';
import { simulate } from './support/sim.ts';
import { holds, offsetsOf, sourceOf, timesAsked, UNIT, weakNetwork } from './support/upload.ts';

const SIZE = 12 * UNIT + 1234;

describe('an upload that goes on after an interruption', () => {
  let cloud: Cloud;
  let folder: string;
  let path: string;
  let store: ResumeStore;
  let bytes: Uint8Array<ArrayBuffer>;
  const uploaders: Uploader[] = [];

  beforeEach(async () => {
    cloud = await startCloud();
    folder = await mkdtemp(join(tmpdir(), 'darkroom-resume-'));
    path = join(folder, 'a.jpg');
    store = createFileStore(join(folder, 'store'));
    bytes = randomBytes(SIZE);
    await writeFile(path, bytes);
  });
  afterEach(async () => {
    for (const uploader of uploaders.splice(0)) uploader.close();
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  const uploader = (options: Partial<UploaderOptions> = {}): Uploader => {
    const made = createNodeUploader({
      ...{ api: cloud.url, token: 't', store, network: weakNetwork, prefer: 'chunks' },
      ...options,
    });
    uploaders.push(made);
    return made;
  };
  /** Resolves when so many chunks were let through and the next one is swallowed, like all that come after it. */
  const stuckAfter = (puts: number): Promise<void> =>
    new Promise((resolve) => {
      cloud.fault = ({ what, index }) => {
        if (what !== 'put' || timesAsked(cloud.asked.slice(0, index), 'put') < puts) return undefined;
        resolve();
        return { blackHole: true };
      };
    });
  /** Runs an uploader until some chunks are stored, and closes it. */
  const interrupt = async (): Promise<void> => {
    const stuck = stuckAfter(6);
    const first = uploader();
    first.add(await fileSource(path));
    await stuck;
    first.close();
    cloud.fault = () => undefined;
  };
  /** From here on: what is asked, and what storage held when the client first wanted to know. */
  const watch = (): { readonly asked: () => readonly Asked[]; readonly stored: Set<number> } => {
    const from = cloud.asked.length;
    const stored = new Set<number>();
    let looked = false;
    cloud.fault = ({ what }) => {
      if (what !== 'status' || looked) return undefined;
      looked = true;
      for (const { chunks } of cloud.model.uploads.values()) for (const offset of chunks.keys()) stored.add(offset);
      return undefined;
    };
    return { asked: () => cloud.asked.slice(from), stored };
  };

  it('sends only what storage does not hold yet, in a new uploader with the same file', async () => {
    await interrupt();
    const { asked, stored } = watch();

    const result = await uploader().add(await fileSource(path)).done;

    expect(result).toMatchObject({ resumed: true, size: SIZE });
    expect(holds(cloud, result.imageId, bytes)).toBe(true);
    expect(stored.size).toBeGreaterThan(0);
    expect(offsetsOf(asked()).filter((offset) => stored.has(offset))).toEqual([]);
    expect(timesAsked(asked(), 'create')).toBe(0);
    expect(await store.list()).toEqual([]);
  });

  it('is done without another byte when only the end of the first run was missed', async () => {
    await interrupt();
    const record = (await store.list())[0]!;
    await uploader().add(await fileSource(path)).done;
    await store.put(record);
    const { asked } = watch();

    const result = await uploader().add(await fileSource(path)).done;

    expect(result).toMatchObject({ resumed: true, imageId: record.imageId });
    expect(asked().map(({ what }) => what)).toEqual(['status']);
  });

  it.each<[string, () => void]>([
    ['its token has expired', () => refuseStatusOnce(401, 'TOKEN_EXPIRED')],
    ['its token is no longer believed', () => refuseStatusOnce(401, 'TOKEN_INVALID')],
    ['it was given up elsewhere', () => refuseStatusOnce(410, 'UPLOAD_GONE')],
    ['the server does not know it', () => cloud.model.uploads.clear()],
  ])('begins anew when %s', async (_, end) => {
    await interrupt();
    const old = (await store.list())[0]?.imageId;
    end();

    const result = await uploader().add(await fileSource(path)).done;

    expect(result.resumed).toBe(false);
    expect(result.imageId).not.toBe(old);
    expect(holds(cloud, result.imageId, bytes)).toBe(true);
    expect(await store.list()).toEqual([]);
  });
  const refuseStatusOnce = (status: number, code: string): void => {
    let refused = false;
    cloud.fault = ({ what }) => {
      if (what !== 'status' || refused) return undefined;
      refused = true;
      return { status, body: JSON.stringify({ code, message: code, requestId: 'r' }) };
    };
  };

  it('begins anew without asking when the record says that its token has ended', async () => {
    await interrupt();
    await store.put({ ...(await store.list())[0]!, expiresAt: Date.now() - 1 });
    const { asked } = watch();

    const result = await uploader().add(await fileSource(path)).done;

    expect(result.resumed).toBe(false);
    expect(asked()[0]?.what).toBe('create');
  });

  it('takes a file that was changed meanwhile for another file', async () => {
    await interrupt();
    const changed = randomBytes(SIZE + 1, 2);
    await writeFile(path, changed);

    const result = await uploader().add(await fileSource(path)).done;

    expect(result.resumed).toBe(false);
    expect(holds(cloud, result.imageId, changed)).toBe(true);
  });

  it('rejects with SOURCE_CHANGED when the file changes under way, and forgets the upload', async () => {
    const stuck = stuckAfter(3);
    const upload = uploader().add(await fileSource(path));
    await stuck;
    await appendFile(path, 'x');
    cloud.fault = () => undefined;
    upload.pause();
    upload.resume();

    await expect(upload.done).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    expect(await store.list()).toEqual([]);
  });

  it('rejects with SOURCE_CHANGED when a file that cannot be watched reads differently the second time', async () => {
    let reads = 0;
    const source = sourceOf(bytes, 'id');
    const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
      reads += 1;
      return reads > 8 ? randomBytes(end - start, reads) : source.read(start, end);
    };

    const upload = uploader().add({ ...source, read });

    await expect(upload.done).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });

  it('goes on with what is stored after pause and resume', async () => {
    const stuck = stuckAfter(5);
    const upload = uploader().add(await fileSource(path));
    await stuck;
    upload.pause();
    const { asked, stored } = watch();
    expect(upload.progress.state).toBe('paused');

    upload.resume();
    const result = await upload.done;

    expect(holds(cloud, result.imageId, bytes)).toBe(true);
    expect(stored.size).toBeGreaterThan(0);
    expect(offsetsOf(asked()).filter((offset) => stored.has(offset))).toEqual([]);
    expect(result.resumed).toBe(false);
  });

  it('sends nothing while it is paused', async () => {
    const begun: number[] = [];

    const end = await simulate({
      ...{ profile: profiles.train, seed: 'paused', size: 3_000_000 },
      onStart: ({ after }, upload) => {
        after(4_000, upload.pause);
        after(64_000, upload.resume);
      },
      through: (request, pass, { now }) => {
        begun.push(now());
        return pass(request);
      },
    });

    expect(end.isEqual).toBe(true);
    expect(begun.filter((at) => at < 4_000)).not.toEqual([]);
    expect(begun.filter((at) => at > 4_000 && at < 64_000)).toEqual([]);
  });

  it('is gone on the server and in the store once it is cancelled', async () => {
    const stuck = stuckAfter(3);
    const upload = uploader().add(await fileSource(path));
    await stuck;

    await upload.cancel();

    await expect(upload.done).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(upload.progress.state).toBe('cancelled');
    expect(timesAsked(cloud.asked, 'delete')).toBe(1);
    expect(cloud.model.uploads.size).toBe(0);
    expect(await store.list()).toEqual([]);
  });

  it('ends complete with a store of which every call fails', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('disk full'));
    const broken: ResumeStore = { get: fail, put: fail, remove: fail, list: fail };

    const result = await uploader({ store: broken }).add(await fileSource(path)).done;

    expect(holds(cloud, result.imageId, bytes)).toBe(true);
  });

  it('is listed as interrupted until it is forgotten, here and on the server', async () => {
    await interrupt();
    const later = uploader();
    const [record] = await later.interrupted();

    expect(record).toMatchObject({ size: SIZE, name: 'a.jpg', api: cloud.url });
    await later.forget(record!);

    expect(await later.interrupted()).toEqual([]);
    expect(await readdir(join(folder, 'store'))).toEqual([]);
    expect(timesAsked(cloud.asked, 'delete')).toBe(1);
    expect(cloud.model.uploads.size).toBe(0);
  });

  it('is not listed as interrupted where it is under way, nor of another API', async () => {
    await interrupt();
    const record = (await store.list())[0]!;
    await store.put({ ...record, fingerprint: 'other', api: 'https://elsewhere.example' });
    const stuck = stuckAfter(0);
    const later = uploader();
    later.add(await fileSource(path));
    await stuck;

    expect(await later.interrupted()).toEqual([]);
  });
});
