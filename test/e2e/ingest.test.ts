import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { anyPorts, killGroup, startCli } from '../support/cli.ts';
import { corners, type Photo, UPRIGHT, writePhoto, writePhonePhoto } from '../support/photos.ts';

interface Variant {
  url: string;
  width: number;
  height: number;
  format: string;
  bytes: number;
}

interface Report {
  images: number;
  ready: number;
  rejected: number;
  failed: number;
  lost: number;
  seconds: number;
  results: {
    file: string;
    imageId: string;
    status: string;
    reason: string | null;
    ms: number;
    width: number;
    height: number;
    variants: Variant[];
  }[];
}

const report = (stdout: string): Report => JSON.parse(stdout) as Report;

const fetchBytes = async (url: string): Promise<Buffer> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

/** Marks of metadata that must not be in any rendition. */
const FORBIDDEN = ['Exif\0\0', 'http://ns.adobe.com/xap', 'Photoshop 3.0', 'Test Phone'];

/** A rendition is what the report says it is, carries no metadata, and is upright. */
const assessVariant = async ({ url, width, height, bytes: size }: Variant): Promise<void> => {
  const bytes = await fetchBytes(url);
  const meta = await sharp(bytes).metadata();
  expect({ url, width: meta.width, height: meta.height, size: bytes.length }).toEqual({ url, width, height, size });
  expect({ url, exif: meta.exif, xmp: meta.xmp, iptc: meta.iptc }).toEqual({ url });
  for (const mark of FORBIDDEN) expect(bytes.includes(mark)).toBe(false);
  expect({ url, corners: await corners(bytes) }).toEqual({ url, corners: UPRIGHT });
};

let dir: string;
let photosDir: string;
let photos: Photo[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'darkroom-e2e-'));
  photosDir = await mkdtemp(join(dir, 'photos-'));
  const phones = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => writePhonePhoto(photosDir, orientation)),
  );
  const others = await Promise.all((['png', 'webp', 'avif'] as const).map((format) => writePhoto(photosDir, format)));
  photos = [...phones, ...others];
}, 120_000);

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('ingest --json', () => {
  it('develops every photograph upright and without metadata, and says why broken files are refused', async () => {
    // Prepare
    const data = join(dir, 'data-whole');
    const brokenDir = await mkdtemp(join(dir, 'broken-'));
    const whole = await readFile(join(photosDir, 'orientation-1.jpg'));
    await writeFile(join(brokenDir, 'truncated.jpg'), whole.subarray(0, whole.length / 2));
    await writeFile(join(brokenDir, 'empty.jpg'), '');
    await writeFile(join(brokenDir, 'text.jpg'), 'this is not a photograph, whatever its name says');

    // Act
    const run = startCli(['ingest', photosDir, brokenDir, '--json', '--keep', '--data', data, ...anyPorts]);
    const { code, stdout, stderr } = await run.finished;
    try {
      // Assess
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const answer = report(stdout);
      expect(answer).toMatchObject({
        images: photos.length + 3,
        ready: photos.length,
        rejected: 3,
        failed: 0,
        lost: 0,
      });
      const reasons = Object.fromEntries(
        answer.results.filter(({ reason }) => reason !== null).map(({ file, reason }) => [file, reason]),
      );
      expect(reasons).toEqual({
        'empty.jpg': 'EMPTY_FILE',
        'text.jpg': 'UNSUPPORTED_FORMAT',
        'truncated.jpg': 'TRUNCATED_OR_CORRUPT',
      });

      for (const photo of photos) {
        const result = answer.results.find(({ file }) => file === photo.name);
        expect(result).toMatchObject({ status: 'READY', width: photo.width, height: photo.height });
        const formats = new Set(result?.variants.map(({ format }) => format));
        expect([...formats]).toEqual(expect.arrayContaining(['avif', 'jpeg']));
        for (const variant of result?.variants ?? []) await assessVariant(variant);
      }
    } finally {
      expect(await startCli(['down', '--data', data]).finished).toMatchObject({ code: 0 });
    }
  }, 240_000);

  it('loses nothing and makes nothing twice when the whole process group is killed in the middle', async () => {
    // Prepare
    const data = join(dir, 'data-killed');
    const args = ['ingest', photosDir, '--data', data, ...anyPorts];

    // Act: without --json every verdict is a line on stderr; kill once the first few are there.
    const first = startCli(args);
    await new Promise<void>((resolve) => {
      let seen = '';
      first.child.stderr?.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8');
        if (seen.includes('READY')) resolve();
      });
      first.child.once('close', () => resolve());
    });
    killGroup(first);
    await first.finished;
    const second = await startCli([...args, '--json', '--keep']).finished;

    // Assess
    try {
      expect(second.code).toBe(0);
      expect(report(second.stdout)).toMatchObject({ images: photos.length, ready: photos.length, lost: 0, failed: 0 });
      const status = await startCli(['status', '--json', '--data', data]).finished;
      // The catalogue holds as many images as there are files: none twice.
      expect((JSON.parse(status.stdout) as { images: unknown }).images).toEqual({ READY: photos.length });
      const third = await startCli([...args, '--json']).finished;
      expect(report(third.stdout).results.map(({ imageId }) => imageId)).toEqual(
        report(second.stdout).results.map(({ imageId }) => imageId),
      );
    } finally {
      await startCli(['down', '--data', data]).finished;
    }
  }, 240_000);
});

describe('wrong use of the command', () => {
  const fails = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await startCli(args).finished;
    return { code, error: (JSON.parse(stdout) as { error: { code: string; message: string } }).error, stderr };
  };

  it.each([
    ['a path that does not exist', ['ingest', '/nowhere/at/all', '--json'], 1, 'PATH_NOT_FOUND'],
    ['an option that does not exist', ['ingest', '.', '--jsom', '--json'], 2, 'INVALID_OPTION'],
    ['a port that is none', ['up', '--json', '--port', 'eighty'], 2, 'INVALID_OPTION'],
    ['a data folder that cannot be made', ['up', '--json', '--data', '/proc/darkroom'], 1, 'DATA_DIR_UNWRITABLE'],
    ['a status without a system', ['status', '--json', '--data', '/nowhere/at/all'], 1, 'NOT_RUNNING'],
  ])('answers %s with one sentence and a code', async (_what, args, exitCode, code) => {
    const failed = await fails(args);
    expect(failed).toMatchObject({ code: exitCode, error: { code } });
    expect(failed.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('answers a folder without images with NO_IMAGES', async () => {
    const empty = await mkdtemp(join(dir, 'empty-'));
    await writeFile(join(empty, 'notes.txt'), 'nothing to see');
    expect(await fails(['ingest', empty, '--json'])).toMatchObject({ code: 1, error: { code: 'NO_IMAGES' } });
  });
});
