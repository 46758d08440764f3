import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { developed, prefixOf, sample, until } from '../support/develop.ts';
import { startSystem, type TestSystem } from '../support/system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem();
}, 120_000);
afterAll(async () => {
  await system.stop();
}, 30_000);

const hash = (bytes: ArrayBuffer): string => createHash('sha256').update(Buffer.from(bytes)).digest('hex');

/** Lines of renderVariant's own log that say it made a file; none while there is no log. */
const linesAbout = async (key: string): Promise<number> => {
  const file = join(system.dir, 'logs', 'darkroom-variants-local-renderVariant.log');
  const log = existsSync(file) ? await readFile(file, 'utf8') : '';
  return log.split('\n').filter((line) => line.includes('rendition made on demand') && line.includes(key)).length;
};

/** Time in which the lines of several processes reach their log, in milliseconds. */
const LOG_MS = 1_000;

/** How often renderVariant made a file. Logs are written after the answer: what was made is waited for, and then what else comes. */
const made = async (key: string): Promise<number> => {
  await until(async () => ((await linesAbout(key)) > 0 ? true : undefined), 20);
  await new Promise((resolve) => setTimeout(resolve, LOG_MS));
  return linesAbout(key);
};

/** The function's own URL, past the CDN, which would ask once for all: as edges in several places do. */
const askFunction = (path: string): Promise<Response> =>
  fetch(`${system.api}/_url/darkroom-variants-local-renderVariant/${path}`, {
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test' },
    redirect: 'manual',
  });

describe('a rendition that was not made at upload', () => {
  it('is made once for many that ask at the same time, in several processes, and stored', async () => {
    const key = `${prefixOf(await developed(system, sample('nokia-lumia-800.jpg')))}/1600-n.avif`;

    const answers = await Promise.all(Array.from({ length: 8 }, () => askFunction(key)));
    const bodies = await Promise.all(answers.map((answer) => answer.arrayBuffer()));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(answers[0]?.headers.get('content-type')).toBe('image/avif');
    expect(answers[0]?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(new Set(bodies.map(hash)).size).toBe(1);
    expect(await sharp(Buffer.from(bodies[0] ?? new ArrayBuffer())).metadata()).toMatchObject({ width: 1600 });
    expect(await made(key)).toBe(1);
    // By now the CDN has it from the store.
    const served = await fetch(`${system.cdn}/${key}`);
    expect(served.headers.get('etag')).not.toBeNull();
    expect(hash(await served.arrayBuffer())).toBe(hash(bodies[0] ?? new ArrayBuffer()));
    expect(await made(key)).toBe(1);
  });

  it('comes through the CDN though it is larger than an answer that is not streamed', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 100 };
    const image = sharp({ create: { width: 2048, height: 9_000, channels: 3, background: '#888', noise } });
    const photo = new Uint8Array(await image.jpeg({ quality: 92 }).toBuffer());
    const key = `${prefixOf(await developed(system, photo))}/2048-n.jpeg`;

    const answer = await fetch(`${system.cdn}/${key}`, { redirect: 'error' });

    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.length).toBeGreaterThan(6 * 1024 * 1024);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 2048, height: 9_000 });
    expect(await made(key)).toBe(1);
  });

  it('is refused with a code, and sent to its other name, as before', async () => {
    const image = await developed(system, sample('orientation-6.jpg'));
    const unknown = await askFunction(`v/${image.imageId}/000000000000/320-n.avif`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('cache-control')).toBe('public, max-age=10');
    expect(await unknown.json()).toMatchObject({
      code: 'NOT_FOUND',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });

    const prefix = prefixOf(image);
    const folded = await askFunction(`${prefix}/320-l.jpeg`);
    expect(folded.status).toBe(302);
    expect(folded.headers.get('location')).toBe(`/${prefix}/320-n.jpeg`);
  });
});
