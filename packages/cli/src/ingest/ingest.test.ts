import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Upload, UploadError, type UploadSource } from '@darkroom/client/node';
import type { PublicImage } from '@darkroom/types/api';
import type { ApiClient } from '../api/client.ts';
import { exitCodeOf } from '../commands/ingest.ts';
import { collectFiles } from './collect.ts';
import { fingerprintOf, openJournal } from './journal.ts';
import { describeFailure, summarise } from './report.ts';
import { createStopSwitch } from './stop.ts';
import { prepareFile, type Sender, uploadFile } from './upload.ts';
import { createWatcher } from './watch.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'darkroom-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, bytes: string | Uint8Array) => writeFileSync(join(dir, name), bytes);

describe('collectFiles', () => {
  it('declares what the bytes say, whatever the name says', async () => {
    write('a.png', Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]));
    write('b', 'RIFF....WEBPVP8 ');
    write('c.jpg', 'text');
    write('d.heic', '\0\0\0\x18ftypheic\0\0\0\0');
    write('notes.txt', 'text');

    const files = await collectFiles([dir]);

    expect(files.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['a.png', 'image/jpeg'],
      ['b', 'image/webp'],
      ['c.jpg', 'image/jpeg'],
      ['d.heic', 'image/heic'],
    ]);
  });

  it('sends a file once, though it is named twice, and a named file whatever it is', async () => {
    write('notes.txt', 'text');
    const path = join(dir, 'notes.txt');
    expect(await collectFiles([path, path])).toHaveLength(1);
  });

  it('refuses paths that do not exist and folders without images', async () => {
    await expect(collectFiles([join(dir, 'x')])).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(collectFiles([dir])).rejects.toMatchObject({ code: 'NO_IMAGES' });
  });
});

describe('journal', () => {
  const sha256 = 'ab'.repeat(32);
  const key = { path: '/a.jpg', sha256 };
  const entry = { ...key, imageId: 'i', uploadToken: 't', state: 'created' as const };
  const record = {
    fingerprint: fingerprintOf(key),
    api: 'http://old',
    imageId: 'i',
    uploadToken: 't',
    expiresAt: 1,
    name: 'a.jpg',
    type: 'image/jpeg',
    size: 3,
  };

  it('remembers the last state over a restart, and forgets a line that was cut off', () => {
    const journal = openJournal(dir);
    journal.record(entry);
    journal.record({ ...entry, state: 'sent' });
    appendFileSync(join(dir, 'ingest', 'journal.jsonl'), '{"path":"/a.jpg","sha2');

    const reopened = openJournal(dir);
    expect(reopened.find(key, false)).toMatchObject({ state: 'sent' });
    reopened.record({ ...entry, state: 'done' });
    expect(openJournal(dir).find(key, false)).toMatchObject({ state: 'done' });
  });

  it('takes changed bytes under the same name for another file, and the same bytes under another name for the same, if asked to', () => {
    openJournal(dir).record(entry);
    const journal = openJournal(dir);
    expect(journal.find({ ...key, sha256: 'cd'.repeat(32) }, true)).toBeUndefined();
    expect(journal.find({ ...key, path: '/b.jpg' }, false)).toBeUndefined();
    expect(journal.find({ ...key, path: '/b.jpg' }, true)).toMatchObject({ path: '/a.jpg', imageId: 'i' });
  });

  it('gives the upload client what it put, over a restart and at whatever port the API is then', async () => {
    await openJournal(dir).store('http://old', true).put(record);

    const store = openJournal(dir).store('http://new', true);
    expect(await store.get(record.fingerprint)).toEqual({ ...record, api: 'http://new' });
    const other = fingerprintOf({ ...key, path: '/b.jpg' });
    expect(await store.get(other)).toMatchObject({ imageId: 'i', fingerprint: other });
    expect(await openJournal(dir).store('http://new', false).get(other)).toBeUndefined();
  });

  it('removes for the run only: after a crash before the next line, the upload is found again', async () => {
    const store = openJournal(dir).store('http://api', true);
    await store.put(record);
    await store.remove(record.fingerprint);
    expect(await store.get(record.fingerprint)).toBeUndefined();
    await store.put({ ...record, imageId: 'next' });
    expect(await store.get(record.fingerprint)).toMatchObject({ imageId: 'next' });
    await store.remove(record.fingerprint);
    expect(await openJournal(dir).store('http://api', true).get(record.fingerprint)).toMatchObject({ imageId: 'next' });
  });

  it('cannot go on with an entry of an earlier version, which lacks what is needed, but knows its image', async () => {
    openJournal(dir).record(entry);
    const journal = openJournal(dir);
    expect(await journal.store('http://api', true).get(record.fingerprint)).toBeUndefined();
    expect(journal.find(key, true)).toMatchObject({ imageId: 'i' });
  });

  it('lets nobody else read the upload tokens in it', () => {
    openJournal(dir).record(entry);
    expect(statSync(join(dir, 'ingest', 'journal.jsonl')).mode & 0o077).toBe(0);
  });
});

describe('uploadFile', () => {
  /** A file on disk, a journal, an uploader that names images 1, 2, 3 …, and a catalogue that knows `known`. */
  const setUp = async (known: readonly string[] = []) => {
    write('a.jpg', 'some bytes');
    const [file] = await collectFiles([join(dir, 'a.jpg')]);
    const journal = openJournal(dir);
    const store = journal.store('http://api', true);
    const added: UploadSource[] = [];
    const failure: { error?: Error } = {};
    const image = (id: string) => Promise.resolve(known.includes(id) ? ({ imageId: id } as PublicImage) : undefined);
    const add = (given: UploadSource | Blob): Upload => {
      const source = given as UploadSource;
      added.push(source);
      const { error } = failure;
      const done = error === undefined ? Promise.resolve({ imageId: String(added.length) }) : Promise.reject(error);
      return { source, done, subscribe: () => () => undefined } as unknown as Upload;
    };
    const sender: Sender = { api: { image }, uploader: { add }, journal, store, anyPath: true };
    const hashed = await prepareFile(file!, new AbortController().signal);
    return { sender, hashed, journal, added, failure };
  };

  it('sends what nobody knows under a fingerprint of its bytes, and writes down that it is sent', async () => {
    const { sender, hashed, journal, added } = await setUp();

    const outcome = await uploadFile(sender, hashed);

    expect(hashed.sha256).toBe(createHash('sha256').update('some bytes').digest('hex'));
    expect(outcome).toMatchObject({ kind: 'sent', earlier: false, entry: { imageId: '1', state: 'sent' } });
    expect(added[0]).toMatchObject({ fingerprint: fingerprintOf({ ...hashed, path: hashed.file.path }), size: 10 });
    expect(journal.find({ sha256: hashed.sha256, path: 'elsewhere' }, true)).toMatchObject({ imageId: '1' });
  });

  it('sends nothing of which the catalogue has the image', async () => {
    const { sender, hashed, journal, added } = await setUp(['early']);
    const { sha256 } = hashed;
    journal.record({ sha256, path: '/other.jpg', imageId: 'early', uploadToken: 't', state: 'created' });

    expect(await uploadFile(sender, hashed)).toMatchObject({ earlier: true, entry: { imageId: 'early' } });
    expect(added).toEqual([]);
  });

  it('begins anew when the image was seen and is gone: somebody deleted it', async () => {
    const { sender, hashed, journal } = await setUp();
    const { fingerprint } = { fingerprint: fingerprintOf({ ...hashed, path: hashed.file.path }) };
    await sender.journal
      .store('http://api', true)
      .put({ fingerprint, api: '', imageId: 'gone', uploadToken: 't', expiresAt: 1, name: null, type: 'i', size: 10 });
    journal.record({ ...journal.find({ ...hashed, path: hashed.file.path }, true)!, state: 'done' });

    expect(await uploadFile(sender, hashed)).toMatchObject({ earlier: false, entry: { imageId: '1' } });
    expect(await journal.store('http://api', true).get(fingerprint)).toMatchObject({ imageId: '1' });
  });

  it.each([
    ['UNSUPPORTED_FORMAT', true],
    ['TOO_MANY_BYTES', true],
    ['CHECKSUM_MISMATCH', false],
    ['UNREACHABLE', false],
  ])('takes %s for the fault of the file: %p', async (code, refused) => {
    const { sender, hashed, failure } = await setUp();
    failure.error = new UploadError(code, 'a sentence');
    const outcome = uploadFile(sender, hashed);
    if (refused) expect(await outcome).toEqual({ kind: 'refused', code, message: 'a sentence' });
    else await expect(outcome).rejects.toMatchObject({ code });
  });
});

describe('stop switch', () => {
  const setUp = (gone: Promise<void> = new Promise(() => undefined)) => {
    const heard: string[] = [];
    const emitter = new EventEmitter();
    const hooks = { onFirst: () => void heard.push('first'), onSecond: () => void heard.push('second') };
    return { heard, emitter, stop: createStopSwitch(hooks, gone, emitter) };
  };

  it('stops in order at the first signal, at once at the second, and not at all once released', () => {
    const { heard, emitter, stop } = setUp();
    emitter.emit('SIGINT');
    expect(stop.signal.aborted).toBe(true);
    emitter.emit('SIGTERM');
    stop.release();
    emitter.emit('SIGINT');
    expect(heard).toEqual(['first', 'second']);
  });

  it('stops when the system is gone', async () => {
    const { heard, stop } = setUp(Promise.resolve());
    await Promise.resolve();
    expect(stop.signal.aborted).toBe(true);
    expect(heard).toEqual([]);
  });
});

describe('watcher', () => {
  const api = (image: (id: string) => Promise<unknown>) =>
    ({ image: (id: string) => image(id) as Promise<PublicImage | undefined> }) as ApiClient;

  it('waits through absence, PROCESSING and a failing call', async () => {
    const answers = [undefined, new Error('down'), { status: 'PROCESSING' }, { status: 'READY' }];
    const watcher = createWatcher(
      api(() => {
        const answer = answers.shift();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      }),
      60_000,
    );
    expect(await watcher.terminal('a')).toMatchObject({ status: 'READY' });
    watcher.stop();
  });

  it('gives up when nothing moves for as long as the patience', async () => {
    let now = 0;
    const watcher = createWatcher(
      api(() => Promise.resolve({ status: 'PROCESSING' })),
      1_000,
      () => (now += 600),
    );
    expect(await watcher.terminal('a')).toBeUndefined();
    watcher.stop();
  });
});

describe('report', () => {
  const result = (status: 'READY' | 'REJECTED' | 'FAILED' | 'LOST') =>
    describeFailure({ name: 'a', size: 1 }, { imageId: null, status, reason: null, message: null, ms: 1 });

  it.each([
    [['READY', 'REJECTED'] as const, 0],
    [['READY', 'FAILED'] as const, 1],
    [['LOST'] as const, 1],
  ])('of %p ends the command with %p', (statuses, code) => {
    expect(exitCodeOf(summarise(statuses.map(result), 1))).toBe(code);
  });

  it('of a stopped run ends the command as a signal would', () => {
    expect(exitCodeOf(summarise([result('READY')], 1, true))).toBe(130);
  });
});
