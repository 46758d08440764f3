import { createHash } from 'node:crypto';
import { imageMetadataSchema, type ImageHeader } from '@darkroom/types/image';
import type { MetadataInput } from '@darkroom/types/workflow';
import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio } from 'thumbhash';
import { extractMetadata } from './extract-metadata.ts';
import { variantVersion } from './version.ts';

const task = (announcedSha256: string | null): MetadataInput['task'] => ({
  schemaVersion: 1,
  imageId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  tenant: 'acme',
  owner: null,
  bucket: 'originals',
  key: 'originals/00/01ARZ3NDEKTSV4RRFFQ69G5FAV/source',
  bytes: 1,
  etag: 'e',
  sequencer: '',
  attempt: 1,
  filename: null,
  declaredType: null,
  announcedSha256,
  uploadedAt: '2026-11-23T20:40:00.000Z',
});
const header = (format: ImageHeader['format']): ImageHeader => ({
  format,
  width: 1,
  height: 1,
  orientation: 1,
  frames: 1,
  progressive: false,
  hasAlpha: false,
  channels: 3,
});
const extract = (original: Buffer, format: ImageHeader['format'] = 'jpeg', announced: string | null = null) =>
  extractMetadata(
    { readOriginal: () => Promise.resolve(original), ladderRevision: 7 },
    { task: task(announced), header: header(format) },
  );

const [WIDTH, HEIGHT] = [240, 160];
/** Blue ground, black corner at the top left, white disc at the bottom right: different from every turn of itself. */
const colourAt = (x: number, y: number): readonly [number, number, number] => {
  if (x < 70 && y < 50) return [0, 0, 0];
  return Math.hypot(x - 170, y - 110) < 40 ? [255, 255, 255] : [0x20, 0x60, 0xa0];
};
const pixels = Buffer.from(
  Array.from({ length: WIDTH * HEIGHT }, (_, at) => colourAt(at % WIDTH, Math.floor(at / WIDTH))).flat(),
);
const scene = () => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

/** How often to turn and flip upright pixels so that a tag of 1 to 8 turns them back (EXIF 2.32, 4.6.5.1). */
const inverse: Readonly<Record<number, { mirror: boolean; rotate: number }>> = {
  1: { mirror: false, rotate: 0 },
  2: { mirror: true, rotate: 0 },
  3: { mirror: false, rotate: 180 },
  4: { mirror: true, rotate: 180 },
  5: { mirror: true, rotate: 270 },
  6: { mirror: false, rotate: 270 },
  7: { mirror: true, rotate: 90 },
  8: { mirror: false, rotate: 90 },
};
const lying = async (orientation: number): Promise<Buffer> => {
  const { mirror, rotate } = inverse[orientation] ?? { mirror: false, rotate: 0 };
  const png = await scene().png().toBuffer();
  const mirrored = await sharp(png).flop(mirror).png().toBuffer();
  return sharp(mirrored).rotate(rotate).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
};
const distance = (a: string, b: string): number =>
  (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;

describe('extractMetadata', () => {
  it('answers what the contract says', async () => {
    const original = await scene().jpeg().toBuffer();
    const sha256 = createHash('sha256').update(original).digest('hex');
    const metadata = await extract(original);
    expect(imageMetadataSchema.parse(metadata)).toEqual(metadata);
    expect(metadata).toMatchObject({ sha256, width: 240, height: 160, hasAlpha: false });
    expect(metadata.version).toBe(variantVersion(sha256, 7));
    expect(thumbHashToApproximateAspectRatio(Buffer.from(metadata.thumbhash, 'base64'))).toBeCloseTo(1.5, 0);
    const [r = 0, g = 0, b = 0] = (metadata.dominantColour.match(/[0-9a-f]{2}/g) ?? []).map((hex) => parseInt(hex, 16));
    expect([Math.abs(r - 0x20) < 6, Math.abs(g - 0x60) < 6, Math.abs(b - 0xa0) < 6]).toEqual([true, true, true]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('sees a picture of orientation %d upright', async (orientation) => {
    const reference = await extract(await lying(1));
    const metadata = await extract(await lying(orientation));
    expect(metadata).toMatchObject({ width: 240, height: 160, exif: { orientation } });
    expect(distance(metadata.perceptualHash, reference.perceptualHash)).toBeLessThan(6);
  });

  it('knows the same picture in another size, quality and format, and tells another one apart', async () => {
    const original = await extract(await scene().png().toBuffer(), 'png');
    const copy = await extract(await scene().resize(120).webp({ quality: 40 }).toBuffer(), 'webp');
    const other = await extract(await scene().rotate(180).png().toBuffer(), 'png');
    expect(distance(original.perceptualHash, copy.perceptualHash)).toBeLessThan(10);
    expect(distance(original.perceptualHash, other.perceptualHash)).toBeGreaterThan(10);
  });

  it('raises the version with other bytes and another ladder', () => {
    expect(variantVersion('a'.repeat(64), 1)).toMatch(/^[0-9a-f]{12}$/);
    expect(variantVersion('a'.repeat(64), 1)).not.toBe(variantVersion('a'.repeat(64), 2));
    expect(variantVersion('a'.repeat(64), 1)).not.toBe(variantVersion('b'.repeat(64), 1));
  });

  it('refuses bytes that the client did not announce: a decoder would not notice a lost part', async () => {
    const original = await scene().jpeg().toBuffer();
    const announced = createHash('sha256').update(original).digest('hex').toUpperCase();
    await expect(extract(original, 'jpeg', announced)).resolves.toMatchObject({ width: 240 });
    const zeroed = Buffer.from(original).fill(0, original.length / 2, original.length / 2 + 50);
    await expect(extract(zeroed, 'jpeg', announced)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });

  it.each(['jpeg', 'png', 'webp'] as const)('finds a %s that is cut off in its middle', async (format) => {
    const noise = { type: 'gaussian', mean: 128, sigma: 50 } as const;
    const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#888', noise } });
    const original = await image.toFormat(format).toBuffer();
    await expect(extract(original.subarray(0, original.length / 2), format)).rejects.toMatchObject({
      name: 'ImageRejected',
      code: format === 'webp' ? 'CORRUPT_HEADER' : 'TRUNCATED_OR_CORRUPT',
    });
  });

  it.each([
    ['one pixel', sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } }), 1, 1],
    ['one column', sharp({ create: { width: 1, height: 20_000, channels: 3, background: 'red' } }), 1, 20_000],
    ['16 bits', scene().toColourspace('rgb16'), WIDTH, HEIGHT],
    ['grey', scene().greyscale().toColourspace('b-w'), WIDTH, HEIGHT],
  ])('takes a picture of %s', async (_name, image, width, height) => {
    const metadata = await extract(await image.png().toBuffer(), 'png');
    expect(imageMetadataSchema.parse(metadata)).toMatchObject({ width, height, hasAlpha: false });
  });

  it('takes CMYK', async () => {
    await expect(extract(await scene().toColourspace('cmyk').jpeg().toBuffer())).resolves.toMatchObject({ width: 240 });
  });

  it('asks whoever tags about the very file, and keeps what it answers', async () => {
    const original = await scene().jpeg().toBuffer();
    const seen: unknown[] = [];
    const tags = [{ name: 'kite', score: 0.5 }];
    const tag = (picture: unknown) => {
      seen.push(picture);
      return Promise.resolve(tags);
    };
    const ports = { readOriginal: () => Promise.resolve(original), ladderRevision: 7, tag };

    const metadata = await extractMetadata(ports, { task: task(null), header: header('jpeg') });

    expect(imageMetadataSchema.parse(metadata).tags).toEqual(tags);
    expect(seen).toEqual([{ bytes: original, header: header('jpeg') }]);
    expect(await extract(original)).not.toHaveProperty('tags');
  });
});
