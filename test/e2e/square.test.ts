import sharp from 'sharp';
import { developed, prefixOf, sample } from '../support/develop.ts';
import { startSystem, type TestSystem } from '../support/system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem();
}, 120_000);
afterAll(async () => {
  await system.stop();
}, 30_000);

/** Sides of a wide photograph, of the subject near its right border, and where that begins, in pixels. */
const [WIDTH, HEIGHT, SIDE, LEFT, TOP] = [1600, 800, 240, 1240, 300];

/** A calm grey picture with one red chequered board, which draws the eye wherever it is. */
const photographed = async (): Promise<Uint8Array<ArrayBuffer>> => {
  const board = Buffer.alloc(3 * SIDE * SIDE);
  for (let index = 0; index < SIDE * SIDE; index += 1) {
    const [x, y] = [index % SIDE, Math.floor(index / SIDE)];
    board.set((Math.floor(x / 30) + Math.floor(y / 30)) % 2 === 0 ? [230, 30, 30] : [150, 0, 0], 3 * index);
  }
  const ground = { create: { width: WIDTH, height: HEIGHT, channels: 3 as const, background: '#9a9fa4' } };
  const subject = { input: board, raw: { width: SIDE, height: SIDE, channels: 3 as const }, left: LEFT, top: TOP };
  return new Uint8Array(await sharp(ground).composite([subject]).jpeg({ quality: 92 }).toBuffer());
};

/** The share of a picture's pixels that are red. */
const redIn = async (file: ArrayBuffer): Promise<number> => {
  const { data, info } = await sharp(Buffer.from(file)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let red = 0;
  for (let at = 0; at < data.length; at += info.channels) if ((data[at] ?? 0) > 2 * (data[at + 1] ?? 0) + 60) red += 1;
  return red / (info.width * info.height);
};

const get = (path: string, accept = '*/*'): Promise<Response> =>
  fetch(path.startsWith('http') ? path : `${system.cdn}/${path}`, { headers: { accept } });

describe('a square', () => {
  it('is made on the first request, with the subject in it, negotiated by Accept and stored under one name', async () => {
    const image = await developed(system, await photographed());
    expect(image.focus?.x).toBeGreaterThan(0.7);
    expect(image.variants.filter(({ tier }) => tier === 's')).toEqual([]);
    // A square of the whole height is half of the picture: the board fills this share of it.
    const whole = (SIDE * SIDE) / (HEIGHT * HEIGHT);

    for (const [accept, format] of [
      ['image/avif,image/webp,*/*', 'avif'],
      ['image/webp,*/*', 'webp'],
      ['*/*', 'jpeg'],
    ] as const) {
      const answer = await get(`${image.url}?t=s&w=300`, accept);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, `image/${format}`]);
      const bytes = await answer.arrayBuffer();
      expect(await sharp(Buffer.from(bytes)).metadata()).toMatchObject({ width: 320, height: 320 });
      expect(Math.abs((await redIn(bytes)) - whole)).toBeLessThan(0.02);

      const named = await get(`${prefixOf(image)}/320-s.${format}`);
      expect(Buffer.from(await named.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
      expect(named.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    const wide = await get(`${image.url}?t=s&w=2048`);
    expect(await sharp(Buffer.from(await wide.arrayBuffer())).metadata()).toMatchObject({ width: 640, height: 640 });
  });

  it('of a photograph that was taken upright lies upright, as large as it may be', async () => {
    const image = await developed(system, sample('orientation-6.jpg'));
    const side = Math.min(image.width ?? 0, image.height ?? 0, 640);
    const answer = await get(`${prefixOf(image)}/640-s.jpeg`);
    expect(answer.status).toBe(200);
    const metadata = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
    expect(metadata).toMatchObject({ width: side, height: side });
    expect(metadata.orientation ?? 1).toBe(1);
  });

  it('has two widths, and is refused with them otherwise', async () => {
    const image = await developed(system, sample('orientation-6.jpg'));
    for (const width of [960, 1280, 321]) {
      const answer = await get(`${prefixOf(image)}/${width}-s.avif`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        code: 'INVALID_REQUEST',
        message: `expected a width of 320, 640 for the tier s but received ${width}`,
      });
    }
  });
});
