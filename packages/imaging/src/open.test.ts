import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { fixture } from '../test/support/bytes.ts';
import { decoding, openImage, openRaster } from './open.ts';

const jpegHeader = { format: 'jpeg', progressive: false } as const;
const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });

const decode = (bytes: Buffer, header: Parameters<typeof openImage>[1] = jpegHeader) =>
  decoding(() => openImage(bytes, header).raw().toBuffer({ resolveWithObject: true }));

describe('openImage', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('decodes %s', async (format) => {
    const bytes = await noise(24, 16).toFormat(format).toBuffer();
    const { info } = await decode(bytes, { format, progressive: false });
    expect(info).toMatchObject({ width: 24, height: 16 });
  });

  it.each(['avis', 'miaf', 'mif1'])('decodes the still picture of an AVIF under the brand %s', async (brand) => {
    const sequence = fixture('colors-animated-8bpc.avif');
    sequence.write(brand, 8, 'latin1');
    const { info } = await decode(sequence, { format: 'avif', progressive: false });
    expect(info).toMatchObject({ width: 150, height: 150 });
    expect(sequence.toString('latin1', 8, 12)).toBe(brand);
  });

  // Its first picture is a quarter of it.
  it('decodes the primary picture of an AVIF, not its first tile', async () => {
    const { info } = await decode(fixture('tiles_800x600.avif'), { format: 'avif', progressive: false });
    expect(info).toMatchObject({ width: 800, height: 600 });
  });

  // docs/hostile-images.md, "Isolation": only the five formats, and only from memory.
  it('has no loader for SVG, TIFF or files', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'imaging-'));
    const file = join(dir, 'a.png');
    await writeFile(file, await noise(8, 8).png().toBuffer());
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
    try {
      await expect(decode(svg)).rejects.toMatchObject({ name: 'ImageRejected', code: 'UNSUPPORTED_FORMAT' });
      await expect(decode(await noise(8, 8).tiff().toBuffer())).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' });
      await expect(sharp(file).raw().toBuffer()).rejects.toThrow();
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  // docs/hostile-images.md, "Decoder messages": truncation is caught under failOn 'error' in every format.
  it.each([
    ['jpeg', 0.5],
    ['jpeg', 0.99],
    ['png', 0.5],
    ['webp', 0.5],
    ['avif', 0.5],
  ] as const)('refuses %s cut off at %d of its length', async (format, part) => {
    const whole = await noise(300, 200).toFormat(format).toBuffer();
    const cut = whole.subarray(0, Math.floor(whole.length * part));
    await expect(decode(cut, { format, progressive: false })).rejects.toMatchObject({ name: 'ImageRejected' });
  });

  it('takes one picture for one, whatever came before it (no cache between users)', async () => {
    const red = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const blue = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'blue' } })
      .png()
      .toBuffer();
    const png = { format: 'png', progressive: false } as const;
    const buffer = Buffer.alloc(Math.max(red.length, blue.length));
    red.copy(buffer);
    const first = await decode(buffer, png);
    blue.copy(buffer);
    const second = await decode(buffer, png);
    expect([...first.data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...second.data.subarray(0, 3)]).toEqual([0, 0, 255]);
  });

  it('holds the pixel limit of the kind, which is smaller for AVIF than for JPEG', async () => {
    // 37 megapixels: over the 36 of AVIF, far below the 250 of a baseline JPEG.
    const wide = await sharp({ create: { width: 18_500, height: 2_000, channels: 3, background: '#123456' } })
      .jpeg()
      .toBuffer();
    await expect(openImage(wide, jpegHeader).metadata()).resolves.toMatchObject({ width: 18_500 });
    await expect(decode(wide, { format: 'avif', progressive: false })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('decoding', () => {
  it("passes errors on that are not the image's fault", async () => {
    const broken = new Error('disk on fire');
    await expect(decoding(() => Promise.reject(broken))).rejects.toBe(broken);
  });
});

describe('openRaster', () => {
  it('opens pixels of our own making', async () => {
    const data = Buffer.alloc(4 * 2 * 3, 200);
    const { info } = await openRaster({ data, width: 4, height: 2, channels: 3 })
      .png()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 4, height: 2 });
  });
});

describe('binaries of sharp', () => {
  const services = new URL('../../../services/', import.meta.url);
  const manifests = readdirSync(services).map((name) => {
    const text = readFileSync(new URL(`${name}/package.json`, services), 'utf8');
    return JSON.parse(text) as { name: string; optionalDependencies?: Record<string, string> };
  });
  const wanted = readFileSync(new URL('../node_modules/sharp/package.json', import.meta.url), 'utf8');
  const own = JSON.parse(wanted) as { optionalDependencies: Record<string, string> };
  const packed = manifests.filter(({ optionalDependencies }) => optionalDependencies !== undefined);

  it('are packed by at least one service', () => {
    expect(packed.map(({ name }) => name)).toContain('@darkroom/variants');
  });

  // The zips hold what package.json names; sharp loads nothing but the version it was built with.
  it.each(packed)('of $name are the versions that this sharp wants', ({ optionalDependencies = {} }) => {
    for (const [name, version] of Object.entries(optionalDependencies).filter(([name]) => name.startsWith('@img/')))
      expect([name, version]).toEqual([name, own.optionalDependencies[name]]);
  });
});
