import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyPorts, type CliRun, killGroup, startCli } from '../support/cli.ts';
import { writePhoto, writePhonePhoto } from '../support/photos.ts';

interface Report {
  images: number;
  ready: number;
  failed: number;
  lost: number;
  duplicates: number;
  interrupted: boolean;
  results: { file: string; imageId: string | null; status: string; duplicateOf: string | null }[];
}

const report = (stdout: string): Report => JSON.parse(stdout) as Report;

let dir: string;
let photosDir: string;
/** Photographs in `photosDir`, no two alike. */
const PHOTOS = 8;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'darkroom-again-'));
  photosDir = join(dir, 'photos');
  await mkdir(photosDir);
  // Small: what is looked at here is how often they are sent.
  for (let orientation = 1; orientation < PHOTOS; orientation++)
    await writePhonePhoto(photosDir, orientation, 480, 360);
  await writePhoto(photosDir, 'png', 300, 200);
}, 120_000);

afterAll(() => rm(dir, { recursive: true, force: true }));

/** Images that the catalogue of the running system holds, by status. */
const catalogue = async (data: string): Promise<unknown> => {
  const { stdout } = await startCli(['status', '--json', '--data', data]).finished;
  return (JSON.parse(stdout) as { images: unknown }).images;
};

/** Resolves when `seen` first gives true, asked at every line of stderr, or when the process has ended. */
const stderrShows = ({ child }: CliRun, seen: (text: string) => boolean): Promise<void> =>
  new Promise((resolve) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (seen(text)) resolve();
    });
    child.once('close', () => resolve());
  });

const countOf = (text: string, word: string): number => text.split(word).length - 1;

/** Resolves when the journal holds `count` uploads that were begun, or when the process has ended. */
const journalBegins = ({ child }: CliRun, data: string, count: number): Promise<void> =>
  new Promise((resolve) => {
    const path = join(data, 'ingest', 'journal.jsonl');
    const timer = setInterval(() => {
      if (!existsSync(path) || countOf(readFileSync(path, 'utf8'), '"created"') < count) return;
      clearInterval(timer);
      resolve();
    }, 1);
    child.once('close', () => {
      clearInterval(timer);
      resolve();
    });
  });

describe('the same bytes', () => {
  it('are one image, under whatever names and in whichever run, unless they shall be several', async () => {
    // Prepare
    const data = join(dir, 'data-same');
    const [first, second] = [join(dir, 'first'), join(dir, 'second')];
    await mkdir(first);
    await mkdir(second);
    const [photo, other] = [join(photosDir, 'orientation-1.jpg'), join(photosDir, 'orientation-2.jpg')];
    await copyFile(photo, join(first, 'a.jpg'));
    await copyFile(photo, join(first, 'b.jpg'));
    await copyFile(other, join(first, 'c.jpg'));
    await copyFile(photo, join(second, 'later.jpg'));
    const run = async (...args: string[]) => {
      const { code, stdout } = await startCli(['ingest', ...args, '--json', '--keep', '--data', data, ...anyPorts])
        .finished;
      expect(code).toBe(0);
      return report(stdout);
    };

    try {
      // Act
      const once = await run(first);
      const later = await run(second);
      const images = await catalogue(data);
      const each = await run(first, '--no-dedupe');

      // Assess
      expect(once).toMatchObject({ images: 3, ready: 3, duplicates: 1, interrupted: false });
      const [a, b, c] = once.results;
      // Whichever of the two was read first is the image.
      const [image, copy] = a?.duplicateOf === null ? ['a.jpg', b] : ['b.jpg', a];
      expect(copy?.duplicateOf).toBe(image);
      expect(c?.duplicateOf).toBeNull();
      expect(b?.imageId).toBe(a?.imageId);
      expect(c?.imageId).not.toBe(a?.imageId);
      expect(later.results).toMatchObject([{ imageId: a?.imageId, duplicateOf: join(first, image) }]);
      expect(images).toEqual({ READY: 2 });
      expect(each).toMatchObject({ images: 3, ready: 3, duplicates: 0 });
      expect(new Set(each.results.map(({ imageId }) => imageId)).size).toBe(3);
    } finally {
      await startCli(['down', '--data', data]).finished;
    }
  }, 240_000);
});

describe('a run that does not come to its end', () => {
  it.each([
    ['the command alone, as `kill -INT` does', (run: CliRun) => void run.child.kill('SIGINT')],
    ['the whole process group, as a terminal does', (run: CliRun) => void process.kill(-run.child.pid!, 'SIGINT')],
  ])(
    'stops in order when Ctrl-C reaches %s, says how to go on, and goes on',
    async (_what, interrupt) => {
      // Prepare
      const data = await mkdtemp(join(dir, 'data-stopped-'));
      const args = ['ingest', photosDir, '--concurrency', '1', '--data', data, ...anyPorts];

      // Act
      const first = startCli(args);
      await stderrShows(first, (text) => text.includes('READY'));
      interrupt(first);
      const stopped = await first.finished;
      const second = await startCli([...args, '--json', '--keep']).finished;

      // Assess
      try {
        expect(stopped).toMatchObject({ code: 130, signal: null });
        expect(stopped.stderr).toContain('Run the same command again to go on');
        expect(stopped.stdout).toContain('INTERRUPTED: stopped before its end');
        expect(report(second.stdout)).toMatchObject({ images: PHOTOS, ready: PHOTOS, failed: 0, lost: 0 });
        expect(await catalogue(data)).toEqual({ READY: PHOTOS });
      } finally {
        await startCli(['down', '--data', data]).finished;
      }
    },
    240_000,
  );

  it('makes nothing twice, though it is killed again and again between the naming of an image and its last byte', async () => {
    const data = join(dir, 'data-killed');
    const args = ['ingest', photosDir, '--data', data, ...anyPorts];
    for (const begun of [1, 3, 6]) {
      const run = startCli(args);
      await journalBegins(run, data, begun);
      killGroup(run);
      await run.finished;
    }

    const last = await startCli([...args, '--json', '--keep']).finished;

    try {
      expect(last.code).toBe(0);
      expect(report(last.stdout)).toMatchObject({ images: PHOTOS, ready: PHOTOS, failed: 0, lost: 0, duplicates: 0 });
      expect(await catalogue(data)).toEqual({ READY: PHOTOS });
    } finally {
      await startCli(['down', '--data', data]).finished;
    }
  }, 240_000);
});
