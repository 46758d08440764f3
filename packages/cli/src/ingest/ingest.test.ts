import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublicImage } from '@darkroom/types/api';
import type { ApiClient } from '../api/client.ts';
import { exitCodeOf } from '../commands/ingest.ts';
import { collectFiles } from './collect.ts';
import { openJournal } from './journal.ts';
import { describeFailure, summarise } from './report.ts';
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
  const entry = { path: '/a.jpg', sha256: 'ab', imageId: 'i', uploadToken: 't', state: 'created' as const };

  it('remembers the last state over a restart, and forgets a line that was cut off', () => {
    const journal = openJournal(dir);
    journal.record(entry);
    journal.record({ ...entry, state: 'sent' });
    appendFileSync(join(dir, 'ingest', 'journal.jsonl'), '{"path":"/a.jpg","sha2');

    const reopened = openJournal(dir);
    expect(reopened.find('/a.jpg', 'ab')).toMatchObject({ state: 'sent' });
    reopened.record({ ...entry, state: 'done' });
    expect(openJournal(dir).find('/a.jpg', 'ab')).toMatchObject({ state: 'done' });
  });

  it('takes changed bytes under the same name for another file', () => {
    openJournal(dir).record(entry);
    expect(openJournal(dir).find('/a.jpg', 'cd')).toBeUndefined();
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
});
