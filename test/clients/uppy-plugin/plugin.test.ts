import { DarkroomUpload } from '@darkroom/client/uppy';
import { Uppy as Uppy4 } from 'uppy-core-4';
import { Uppy as Uppy5 } from 'uppy-core-5';
import { Uppy as Uppy6 } from 'uppy-core-6';
import { createFakeUploader, type FakeUploader } from './fake-uploader.ts';

/** What a page hears; the types of the three versions differ in names only, so the tests speak to one. */
type Events = [string, ...unknown[]][];
type AnyUppy = Uppy6<Record<string, unknown>, Record<string, unknown>>;

/** What fails on purpose is not the business of whoever reads the output of a test run, and no notice outlives its test. */
const quiet = {
  logger: { debug: () => undefined, warn: () => undefined, error: () => undefined },
  infoTimeout: 1,
};

/** That these compile is the check that the plugin fits the types of every version. */
const versions: [string, (uploader: FakeUploader) => AnyUppy][] = [
  [
    Uppy4.VERSION,
    (uploader) =>
      new Uppy4<Record<string, unknown>, Record<string, unknown>>(quiet).use(DarkroomUpload, {
        uploader,
        imageUrl: (id) => `http://cdn/${id}`,
      }) as unknown as AnyUppy,
  ],
  [
    Uppy5.VERSION,
    (uploader) =>
      new Uppy5<Record<string, unknown>, Record<string, unknown>>(quiet).use(DarkroomUpload, {
        uploader,
        imageUrl: (id) => `http://cdn/${id}`,
      }) as unknown as AnyUppy,
  ],
  [
    Uppy6.VERSION,
    (uploader) =>
      new Uppy6<Record<string, unknown>, Record<string, unknown>>(quiet).use(DarkroomUpload, {
        uploader,
        imageUrl: (id) => `http://cdn/${id}`,
      }),
  ],
];

const HEARD = ['upload-start', 'upload-progress', 'upload-success', 'upload-error', 'complete'] as const;

const setUp = (create: (uploader: FakeUploader) => AnyUppy, uploader = createFakeUploader()) => {
  const uppy = create(uploader);
  const events: Events = [];
  for (const name of HEARD)
    uppy.on(name as 'upload-success', (...args: unknown[]) => void events.push([name, ...args]));
  const heard = (name: string) => events.filter(([event]) => event === name);
  const add = (name: string, size = 1000) =>
    uppy.addFile({ name, type: 'image/jpeg', data: new Blob([new Uint8Array(size)], { type: 'image/jpeg' }) });
  /** Starts, and waits until the client has been given so many files. */
  const begin = async (count: number) => {
    const finished = uppy.upload();
    while (uploader.uploads.length < count) await new Promise(setImmediate);
    return { finished };
  };
  return { uppy, uploader, heard, add, begin };
};

describe.each(versions)('DarkroomUpload with Uppy %s', (_version, create) => {
  it('sends files by the client and tells start, progress and success', async () => {
    const { uppy, uploader, heard, add, begin } = setUp(create);
    const id = add('photo.jpg', 1000);
    const { finished } = await begin(1);
    const [upload] = uploader.uploads;

    upload!.tell({ state: 'uploading', sentBytes: 400 });
    const halfway = uppy.getFile(id).progress;
    upload!.succeed();
    const result = await finished;

    expect(upload!.source).toMatchObject({ size: 1000, type: 'image/jpeg', name: 'photo.jpg' });
    expect(await upload!.source.read(10, 30)).toHaveLength(20);
    expect(heard('upload-start')).toHaveLength(1);
    expect(halfway).toMatchObject({ bytesUploaded: 400, bytesTotal: 1000, percentage: 40 });
    expect(heard('upload-success')[0]?.[2]).toMatchObject({
      status: 200,
      uploadURL: 'http://cdn/image-1',
      body: { imageId: 'image-1', size: 1000 },
    });
    expect(uppy.getFile(id)).toMatchObject({
      uploadURL: 'http://cdn/image-1',
      progress: { uploadComplete: true, percentage: 100 },
    });
    expect(result?.successful).toHaveLength(1);
    expect(result?.failed).toEqual([]);
  });

  it('shows no hundred percent before storage has everything, since Uppy takes no progress after it', async () => {
    const { uppy, uploader, add, begin } = setUp(create);
    const id = add('photo.jpg', 1000);
    const { finished } = await begin(1);

    uploader.uploads[0]!.tell({ state: 'uploading', sentBytes: 1000 });
    expect(uppy.getFile(id).progress.percentage).toBe(99);
    uploader.uploads[0]!.tell({ state: 'uploading', sentBytes: 500 });
    expect(uppy.getFile(id).progress.percentage).toBe(50);
    uploader.uploads[0]!.tell({ state: 'completing', sentBytes: 1000 });
    expect(uppy.getFile(id).progress.percentage).toBe(100);

    uploader.uploads[0]!.succeed();
    await finished;
  });

  it('pauses and resumes one file, and all', async () => {
    const { uppy, uploader, add, begin } = setUp(create);
    const first = add('first.jpg');
    add('second.jpg');
    const { finished } = await begin(2);

    expect(uppy.pauseResume(first)).toBe(true);
    expect(uppy.pauseResume(first)).toBe(false);
    uppy.pauseAll();
    uppy.resumeAll();

    expect(uploader.uploads.map(({ calls }) => calls)).toEqual([
      ['pause', 'resume', 'pause', 'resume'],
      ['pause', 'resume'],
    ]);
    for (const upload of uploader.uploads) upload.succeed();
    await finished;
  });

  it('tells a failure with its code, and sends the file again on retry', async () => {
    const { uppy, uploader, heard, add, begin } = setUp(create);
    const id = add('photo.jpg');
    const { finished } = await begin(1);
    const refusal = Object.assign(new Error('the file is not an image'), {
      code: 'UNSUPPORTED_FORMAT',
      status: 409,
      requestId: 'r1',
    });

    uploader.uploads[0]!.fail(refusal);
    expect((await finished)?.failed).toHaveLength(1);
    expect(uppy.getFile(id).error).toBe('the file is not an image');
    expect(heard('upload-error')[0]?.slice(2)).toEqual([
      refusal,
      { status: 409, body: { code: 'UNSUPPORTED_FORMAT', requestId: 'r1' } },
    ]);

    const retried = uppy.retryUpload(id);
    while (uploader.uploads.length < 2) await new Promise(setImmediate);
    uploader.uploads[1]!.succeed();
    await retried;

    expect(uploader.uploads[1]!.source.fingerprint).toBe(uploader.uploads[0]!.source.fingerprint);
    expect(uppy.getFile(id).progress.uploadComplete).toBe(true);
  });

  it('lets one failure be one failure: the other files go on', async () => {
    const { uppy, uploader, add, begin } = setUp(create);
    add('bad.jpg');
    add('good.jpg');
    const { finished } = await begin(2);

    uploader.uploads[0]!.fail(new Error('no'));
    uploader.uploads[1]!.succeed();
    const result = await finished;

    expect(result?.failed?.map(({ name }) => name)).toEqual(['bad.jpg']);
    expect(result?.successful?.map(({ name }) => name)).toEqual(['good.jpg']);
    const retried = uppy.retryAll();
    while (uploader.uploads.length < 3) await new Promise(setImmediate);
    uploader.uploads[2]!.succeed();
    expect((await retried)?.successful).toHaveLength(1);
  });

  it('gives an upload up when its file is removed, and every upload when all are cancelled', async () => {
    const { uppy, uploader, heard, add, begin } = setUp(create);
    const first = add('first.jpg');
    add('second.jpg');
    add('third.jpg');
    const { finished } = await begin(3);

    uppy.removeFile(first);
    uppy.cancelAll();
    await finished;

    expect(uploader.uploads.map(({ calls }) => calls)).toEqual([['cancel'], ['cancel'], ['cancel']]);
    expect(heard('upload-error')).toEqual([]);
  });

  it('refuses files of remote providers, which need Companion, in a sentence', async () => {
    const { uppy, heard, uploader } = setUp(create);
    uppy.addFile({
      name: 'far.jpg',
      type: 'image/jpeg',
      data: { size: 10 } as Blob,
      isRemote: true,
      remote: { companionUrl: 'http://companion', url: 'http://companion/x' } as never,
    } as never);

    await uppy.upload();

    expect(uploader.uploads).toEqual([]);
    expect(heard('upload-error')[0]?.[3]).toMatchObject({ body: { code: 'UNSUPPORTED_SOURCE' } });
  });

  it('goes on with what Golden Retriever brings back: same fingerprint, no second start, paused stays paused', async () => {
    // Prepare: a page that is closed in the middle of three files.
    const before = setUp(create);
    before.add('one.jpg');
    const paused = before.add('two.jpg');
    before.add('three.jpg');
    const { finished } = await before.begin(3);
    before.uploader.uploads[0]!.tell({ state: 'uploading', sentBytes: 600 });
    before.uploader.uploads[2]!.succeed();
    await new Promise(setImmediate);
    before.uppy.pauseResume(paused);
    const { files, currentUploads } = before.uppy.getState();
    const [uploadId] = Object.keys(currentUploads);

    // Act: as Golden Retriever does it (`#restore` of version 6).
    const after = setUp(create);
    const restored = Object.fromEntries(Object.entries(files).map(([id, file]) => [id, { ...file, isRestored: true }]));
    after.uppy.setState({ files: restored, currentUploads });
    after.uppy.emit('restored', {});
    const resumed = after.uppy.restore(uploadId!);
    while (after.uploader.uploads.length < 2) await new Promise(setImmediate);

    // Assess
    expect(after.uploader.uploads.map(({ source }) => source.fingerprint)).toEqual(
      before.uploader.uploads.slice(0, 2).map(({ source }) => source.fingerprint),
    );
    expect(after.uploader.uploads.map(({ calls }) => calls)).toEqual([[], ['pause']]);
    expect(after.heard('upload-start').flatMap(([, started]) => started)).toEqual([]);
    expect(after.uppy.getFiles()[0]!.progress.bytesUploaded).toBe(600);
    for (const upload of [...after.uploader.uploads, ...before.uploader.uploads]) upload.succeed({ resumed: true });
    expect((await resumed)?.successful).toHaveLength(3);
    await finished;
  });

  it('forgets, on the server too, a restored file that is removed before it goes on', async () => {
    const before = setUp(create);
    const id = before.add('one.jpg');
    const { finished } = await before.begin(1);
    const { files } = before.uppy.getState();
    const { fingerprint } = before.uploader.uploads[0]!.source;

    const uploader = createFakeUploader([fingerprint!]);
    const after = setUp(create, uploader);
    after.uppy.setState({ files });
    after.uppy.removeFile(id);
    while (uploader.forgotten.length === 0) await new Promise(setImmediate);

    expect(uploader.forgotten).toEqual([fingerprint]);
    before.uploader.uploads[0]!.succeed();
    await finished;
  });

  it('tells the Dashboard that uploads can be paused, and nothing once it is removed', () => {
    const { uppy, uploader } = setUp(create);
    expect(uppy.getState().capabilities).toMatchObject({ resumableUploads: true, individualCancellation: true });
    const plugin = uppy.getPlugin('DarkroomUpload')!;
    plugin.setPluginState({ seen: 1 });
    expect(plugin.getPluginState()).toEqual({ seen: 1 });
    uppy.setOptions({ locale: { strings: {} } });

    uppy.removePlugin(plugin);

    expect(uppy.getState().capabilities).toMatchObject({ resumableUploads: false });
    expect(uploader.closed).toBe(false);
  });
});
