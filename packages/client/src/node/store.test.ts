import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResumeRecord } from '../contract.ts';
import { createFileStore } from './store.ts';

const record = (fingerprint: string, change: Partial<ResumeRecord> = {}): ResumeRecord => ({
  fingerprint,
  api: 'https://api.example',
  imageId: 'image',
  uploadToken: 'secret',
  expiresAt: 1_800_000_000_000,
  name: 'a.jpg',
  type: 'image/jpeg',
  size: 123,
  ...change,
});

describe('a store of files', () => {
  let base = '';
  let folder = '';
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'darkroom-store-'));
    folder = join(base, 'deep', 'uploads');
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  /** The file that a fingerprint is kept in. */
  const fileOf = async (fingerprint: string): Promise<string> => {
    const before = new Set(await readdir(folder).catch(() => []));
    await createFileStore(folder).put(record(fingerprint));
    return join(folder, (await readdir(folder)).find((name) => !before.has(name))!);
  };

  it('has nothing before anything is put, and makes no folder to look', async () => {
    const store = createFileStore(folder);

    expect(await store.get('a')).toBeUndefined();
    expect(await store.list()).toEqual([]);
    await store.remove('a');
    expect(await readdir(base)).toEqual([]);
  });

  it('gives back what was put, also to another process', async () => {
    await createFileStore(folder).put(record('/photos/a ü.jpg', { name: null }));
    await createFileStore(folder).put(record('b'));

    const store = createFileStore(folder);

    expect(await store.get('/photos/a ü.jpg')).toEqual(record('/photos/a ü.jpg', { name: null }));
    expect(await store.list()).toHaveLength(2);
    expect(await store.list()).toEqual(expect.arrayContaining([record('b')]));
  });

  it('keeps the last that was put for a fingerprint', async () => {
    const store = createFileStore(folder);
    await store.put(record('a'));
    await store.put(record('a', { imageId: 'later' }));

    expect(await store.get('a')).toEqual(record('a', { imageId: 'later' }));
    expect(await store.list()).toHaveLength(1);
  });

  it('forgets what is removed and nothing else', async () => {
    const store = createFileStore(folder);
    await store.put(record('a'));
    await store.put(record('b'));

    await store.remove('a');
    await store.remove('never there');

    expect(await store.get('a')).toBeUndefined();
    expect(await store.list()).toEqual([record('b')]);
  });

  it('does not keep the file itself', async () => {
    const store = createFileStore(folder);

    await store.put(record('a', { blob: new Blob(['bytes']) }));

    expect(await store.get('a')).toEqual(record('a'));
  });

  it('is for its owner alone: it holds upload tokens', async () => {
    const file = await fileOf('a');

    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('never takes one fingerprint for another, even when both are kept in one file', async () => {
    const file = await fileOf('a');
    await writeFile(file, JSON.stringify(record('b')));

    expect(await createFileStore(folder).get('a')).toBeUndefined();
  });

  it.each([
    ['an empty file', ''],
    ['half a record', JSON.stringify(record('a')).slice(0, 60)],
    ['something else', '"a"'],
    ['nothing', 'null'],
    ['a record of another kind', '{"fingerprint":"a","size":3}'],
    ['a record whose token is none', JSON.stringify({ ...record('a'), uploadToken: 7 })],
  ])('takes %s for nothing, and puts a record in its place', async (_, text) => {
    const file = await fileOf('a');
    await writeFile(file, text);
    const store = createFileStore(folder);
    await store.put(record('b'));

    expect(await store.get('a')).toBeUndefined();
    expect(await store.list()).toEqual([record('b')]);

    await store.put(record('a'));
    expect(await store.get('a')).toEqual(record('a'));
  });

  it('lists no file that a crash left half-written beside its place', async () => {
    const file = await fileOf('a');
    await writeFile(`${file}.0000.tmp`, JSON.stringify(record('b')));
    await writeFile(join(folder, 'notes.txt'), 'not mine');

    expect(await createFileStore(folder).list()).toEqual([record('a')]);
  });

  it('has one whole record after many were put at once, and leaves nothing beside it', async () => {
    const long = 'x'.repeat(100_000);
    const ids = Array.from({ length: 20 }, (_, index) => `image ${index}`);

    await Promise.all(ids.map((imageId) => createFileStore(folder).put(record('a', { imageId, name: long }))));

    const names = await readdir(folder);
    const kept = JSON.parse(await readFile(join(folder, names[0]!), 'utf8')) as ResumeRecord;
    expect(names).toHaveLength(1);
    expect(kept).toEqual(record('a', { imageId: kept.imageId, name: long }));
    expect(ids).toContain(kept.imageId);
  });

  it('keeps the records of different files that are put at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `file ${index}`);

    await Promise.all(names.map((name) => createFileStore(folder).put(record(name))));

    const listed = await createFileStore(folder).list();
    expect(listed.map(({ fingerprint }) => fingerprint).sort()).toEqual([...names].sort());
  });
});
