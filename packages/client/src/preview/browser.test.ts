import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { corners, UPRIGHT } from '../../../../test/support/photos.ts';
import type { Downscaled, DownscaleOptions } from './downscale.ts';
import type { Preview } from './preview.ts';

/** Browsers are not on npm: this runs where one is installed (`DARKROOM_TEST_CHROMIUM`, or Debian's package) and is skipped elsewhere. */
const executablePath = process.env['DARKROOM_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const inBrowser = existsSync(executablePath) ? describe : describe.skip;

/** A photograph of four colours, stored as a phone that was held in some way stores it. */
const phonePhoto = async (orientation: number): Promise<Buffer> => {
  const half = { width: 800, height: 600 };
  const tile = (background: string) => ({ create: { ...half, channels: 3 as const, background } });
  const scene = sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#c00000' } }).composite([
    { input: tile('#00a000'), left: 800, top: 0 },
    { input: tile('#0000c0'), left: 0, top: 600 },
    { input: tile('#c0c000'), left: 800, top: 600 },
  ]);
  const upright = await scene.png().toBuffer();
  const stored = orientation === 6 ? await sharp(upright).rotate(270).png().toBuffer() : upright;
  return sharp(stored)
    .withExif({ IFD0: { Model: 'Test Phone' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1' } })
    .withMetadata({ orientation })
    .jpeg({ quality: 92 })
    .toBuffer();
};

inBrowser('pictures in Chromium', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const entry = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const { outputFiles } = await build({
      stdin: {
        contents: `export * from ${JSON.stringify(entry('thumbhash.ts'))}; export * from ${JSON.stringify(entry('downscale.ts'))};`,
        resolveDir: entry('.'),
      },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'pictures',
    });
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
    page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
  }, 60_000);

  afterAll(() => browser.close());

  /** Runs in the page, so it is text: the types of the browser are not those of this program. */
  const inPage = async <T>(expression: string, bytes: Buffer): Promise<T> =>
    page.evaluate<T>(`(async () => {
      const blob = new Blob([Uint8Array.from(atob('${bytes.toString('base64')}'), (letter) => letter.charCodeAt(0))]);
      ${expression}
    })()`);

  const shrink = async (bytes: Buffer, options: DownscaleOptions) => {
    const result = await inPage<Omit<Downscaled, 'blob'> & { base64: string; type: string }>(
      `const { blob: smaller, ...rest } = await pictures.downscale(blob, ${JSON.stringify(options)});
       const bytes = new Uint8Array(await smaller.arrayBuffer());
       return { ...rest, type: smaller.type, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };`,
      bytes,
    );
    return { ...result, bytes: Buffer.from(result.base64, 'base64') };
  };

  it.each([1, 6])('shrinks a photograph of orientation %p upright, and loses the EXIF', async (orientation) => {
    const photo = await phonePhoto(orientation);

    const { bytes, untouched, exif } = await shrink(photo, { maxSide: 400 });

    const meta = await sharp(bytes).metadata();
    expect({ untouched, exif }).toEqual({ untouched: null, exif: 'lost' });
    expect(meta).toMatchObject({ format: 'jpeg', width: 400, height: 300 });
    expect(meta.exif).toBeUndefined();
    expect(await corners(bytes)).toEqual(UPRIGHT);
    expect(bytes.length).toBeLessThan(photo.length);
  });

  it.each([
    ['without-gps', false],
    ['with-gps', true],
  ] as const)('keeps the EXIF %s, and viewers still show it upright', async (keepExif, place) => {
    const { bytes, exif } = await shrink(await phonePhoto(6), { maxSide: 400, keepExif });

    const meta = await sharp(bytes).metadata();
    expect({ exif, orientation: meta.orientation }).toEqual({ exif: 'kept', orientation: 1 });
    expect(meta.exif?.includes('Test Phone')).toBe(true);
    // The latitude's first rational, 52/1, in the byte order that libvips writes.
    expect(meta.exif?.includes(Buffer.from([52, 0, 0, 0, 1, 0, 0, 0]))).toBe(place);
    expect(await corners(await sharp(bytes).autoOrient().toBuffer())).toEqual(UPRIGHT);
  });

  it.each(['png', 'webp', 'avif'] as const)('shrinks %s', async (format) => {
    const noise = { type: 'gaussian' as const, mean: 120, sigma: 30 };
    const picture = await sharp({ create: { width: 900, height: 700, channels: 3, background: 'black', noise } })
      .toFormat(format, { effort: 1 })
      .toBuffer();

    const { bytes, untouched, type } = await shrink(picture, { maxSide: 300 });

    expect({ untouched, type }).toEqual({
      untouched: null,
      type: format === 'avif' ? 'image/webp' : `image/${format}`,
    });
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 300, height: 233 });
  });

  it('leaves alone what would not become smaller, and what is no picture', async () => {
    const photo = await phonePhoto(1);
    const tiny = await sharp(photo).jpeg({ quality: 1 }).toBuffer();
    expect(await shrink(photo, {})).toMatchObject({ untouched: 'small-enough', exif: 'untouched', bytes: photo });
    expect((await shrink(tiny, { maxSide: 1590, quality: 1 })).untouched).toBe('not-smaller');
    expect((await shrink(photo.subarray(0, 300), { maxSide: 100 })).untouched).toBe('no-canvas');
    expect((await shrink(photo, { maxSide: 100, type: 'image/jp2' })).untouched).toBe('no-canvas');
  });

  it.each([1, 6])('makes a preview of orientation %p: upright, of the right colour', async (orientation) => {
    const photo = await phonePhoto(orientation);

    const preview = await inPage<Preview | null>('return pictures.previewOf(blob);', photo);

    expect(preview?.aspectRatio).toBeCloseTo(4 / 3, 1);
    expect(preview?.dataUrl).toMatch(/^data:image\/png;base64,/);
    // 21 bytes: 4 to 3 and opaque.
    expect(preview?.thumbhash).toHaveLength(28);
    // ThumbHash keeps six bits of each mean: half a step of each, and what two decoders differ by.
    const { channels } = await sharp(photo).stats();
    for (const [index, { mean }] of channels.entries()) {
      const shown = Number.parseInt(preview?.colour.slice(1 + 2 * index, 3 + 2 * index) ?? '', 16);
      expect(Math.abs(shown - mean)).toBeLessThanOrEqual(12);
    }
    const shown = Buffer.from(preview?.dataUrl.split(',')[1] ?? '', 'base64');
    expect(await corners(await sharp(shown).resize(64, 48, { fit: 'fill' }).toBuffer())).toEqual(UPRIGHT);
  });

  it('makes no preview of what the browser cannot decode', async () => {
    expect(await inPage('return pictures.previewOf(blob);', Buffer.from('not a picture'))).toBeNull();
  });
});
