import { createHash } from 'node:crypto';
import { imageMetadataSchema, type ImageHeader } from '@darkroom/types/image';
import { metadataResultSchema } from '@darkroom/types/workflow';
import { developedKey } from '@darkroom/types/keys';
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
const extract = (
  original: Buffer,
  format: ImageHeader['format'] = 'jpeg',
  announced: string | null = null,
  changes: Partial<ImageHeader> = {},
) =>
  extractMetadata(
    { readObject: () => Promise.resolve(original), gpsPolicyOf: () => 'drop', ladderRevision: 7, previewWidth: 320 },
    { task: task(announced), header: { ...header(format), ...changes } },
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

/** The scene in greens of Display P3 that sRGB has not. */
const vivid = async () => {
  const inP3 = await scene().resize(1200).withIccProfile('p3').png().toBuffer();
  return sharp(inP3).keepIccProfile().linear([0, 0.5, 0], [0, 127, 0]).png().toBuffer();
};
/** Mean difference of a file's pixels from those of a picture at its size, of 255. */
const differenceOf = async (file: Buffer, picture: Buffer, sides: { width: number; height: number }) => {
  const [one, other] = await Promise.all([
    sharp(file).raw().toBuffer(),
    sharp(picture)
      .removeAlpha()
      .resize({ ...sides, fit: 'fill' })
      .raw()
      .toBuffer(),
  ]);
  expect(one).toHaveLength(other.length);
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
};

describe('extractMetadata', () => {
  it('answers what the contract says', async () => {
    const original = await scene().jpeg().toBuffer();
    const sha256 = createHash('sha256').update(original).digest('hex');
    const { glance: _travels, ...metadata } = metadataResultSchema.parse(await extract(original));
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
    expect(metadataResultSchema.parse(metadata)).toMatchObject({ width, height, hasAlpha: false });
  });

  it('takes CMYK', async () => {
    await expect(extract(await scene().toColourspace('cmyk').jpeg().toBuffer())).resolves.toMatchObject({ width: 240 });
  });

  it('sends the small picture along where it saves others a decode', async () => {
    const large = () => scene().resize(1200);
    const { preview } = await extract(await large().jpeg().toBuffer());
    const jpeg = Buffer.from(preview?.jpeg ?? '', 'base64');
    expect(preview).toMatchObject({ width: 320, height: 213 });
    const { format, width, height, exif, icc } = await sharp(jpeg).metadata();
    expect([format, width, height, exif, icc]).toEqual(['jpeg', 320, 213, undefined, undefined]);
    expect(await differenceOf(jpeg, await large().png().toBuffer(), { width: 320, height: 213 })).toBeLessThan(3);
  });

  it.each([
    ['one that is small already', () => scene().jpeg().toBuffer(), 'jpeg', 1],
    ['one with transparency', () => scene().resize(1200).ensureAlpha(0.5).png().toBuffer(), 'png', 1],
    ['one whose colours go beyond sRGB', vivid, 'png', 1],
    ['a tower', () => scene().resize(400, 1600, { fit: 'fill' }).jpeg().toBuffer(), 'jpeg', 1],
    ['an animation', () => scene().resize(1200).gif().toBuffer(), 'gif', 2],
  ] as const)('sends no preview along of %s, but a glance', async (_what, make, format, frames) => {
    const original = await make();
    const { preview, glance } = await extract(original, format, null, { frames });
    expect(preview).toBeUndefined();
    const seen = await sharp(original).flatten({ background: '#ffffff' }).toColourspace('srgb').png().toBuffer();
    const jpeg = Buffer.from(glance?.jpeg ?? '', 'base64');
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 224, height: 224 });
    expect(await differenceOf(jpeg, seen, { width: 224, height: 224 })).toBeLessThan(6);
  });

  it('sends the preview of a photograph with a wide profile that makes no use of it, converted', async () => {
    const { preview, wideGamut } = await extract(
      await scene().resize(1200).withIccProfile('p3').png().toBuffer(),
      'png',
    );
    expect(wideGamut).toBe(false);
    const jpeg = Buffer.from(preview?.jpeg ?? '', 'base64');
    const seen = await scene().resize(1200).png().toBuffer();
    expect(await differenceOf(jpeg, seen, { width: 320, height: 213 })).toBeLessThan(3);
  });

  it('keeps within what a state holds, of noise, too', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 120 } as const;
    const loud = sharp({ create: { width: 1200, height: 1200, channels: 3, background: '#888', noise } }).png();
    const metadata = metadataResultSchema.parse(await extract(await loud.toBuffer(), 'png'));
    expect(metadata.glance?.jpeg.length).toBeLessThan(60_000);
    expect(JSON.stringify(metadata).length).toBeLessThan(262_144 / 2);
  });

  it('describes the pixels for sorting and cropping', async () => {
    const { palette, look, focus } = await extract(await scene().png().toBuffer(), 'png');
    expect(palette).toEqual([
      '#2060a0',
      expect.stringMatching(/^#f[ef]f[ef]f[ef]$/),
      expect.stringMatching(/^#0[01]0[01]0[01]$/),
    ]);
    expect(look).toMatchObject({ exposure: 'normal' });
    // The disc is at 170, 110 of 240, 160.
    expect(focus?.x).toBeGreaterThan(0.5);
    expect(focus?.y).toBeGreaterThan(0.5);
  });

  it('shows whoever tags the file and the pixels that it decoded, and keeps what it answers', async () => {
    const original = await scene().jpeg().toBuffer();
    const seen: unknown[] = [];
    const tags = [{ name: 'kite', score: 0.5 }];
    const tag = (picture: unknown) => {
      seen.push(picture);
      return Promise.resolve(tags);
    };
    const ports = {
      readObject: () => Promise.resolve(original),
      gpsPolicyOf: () => 'drop' as const,
      ladderRevision: 7,
      previewWidth: 320,
      tag,
    };

    const metadata = await extractMetadata(ports, { task: task(null), header: header('jpeg') });

    expect(metadataResultSchema.parse(metadata).tags).toEqual(tags);
    const raster = { width: 240, height: 160, channels: 3 };
    expect(seen).toMatchObject([{ bytes: original, header: header('jpeg'), raster }]);
    expect(await extract(original)).not.toHaveProperty('tags');
  });

  it('has no field for what nobody wrote', async () => {
    const metadata = await extract(await scene().png().toBuffer(), 'png');
    expect(metadata).not.toHaveProperty('capture');
    expect(metadata).not.toHaveProperty('credit');
    expect(metadata).not.toHaveProperty('place');
  });
});

describe('extractMetadata of an original that cannot be decoded here', () => {
  const tags = {
    IFD0: { Make: 'Apple', Model: 'iPhone 16', Copyright: 'Ada', Orientation: '6' },
    IFD2: { FNumber: '16/10' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSLongitudeRef: 'W', GPSLongitude: '0/1 7/1 30/1' },
  };
  // AVIF and HEIC are the same container: its EXIF is read without a decoder of its pixels.
  const container = () => scene().resize(120).withExif(tags).avif().toBuffer();
  const developed = () => scene().jpeg().toBuffer();
  const heic = task(null);

  const extractHeic = async (original: Buffer, gps: 'drop' | 'coarse' | 'keep') => {
    const objects = new Map([
      [heic.key, original],
      [developedKey(heic.imageId), await developed()],
    ]);
    const asked: string[] = [];
    const metadata = await extractMetadata(
      {
        readObject: ({ bucket, key }) => {
          asked.push(`${bucket}/${key}`);
          const object = objects.get(key);
          return object === undefined ? Promise.reject(new Error(`no ${key}`)) : Promise.resolve(object);
        },
        gpsPolicyOf: (tenant) => (tenant === heic.tenant ? gps : 'drop'),
        ladderRevision: 7,
        previewWidth: 320,
      },
      { task: heic, header: { ...header('heic'), width: 4032, height: 3024 } },
    );
    return { metadata, asked };
  };

  it('takes pixels from the stand-in, hash and written facts from the original', async () => {
    const original = await container();
    const { metadata, asked } = await extractHeic(original, 'coarse');
    const reference = await extract(await developed());
    expect(asked).toEqual([`originals/${heic.key}`, `originals/${developedKey(heic.imageId)}`]);
    expect(metadata).toMatchObject({
      sha256: createHash('sha256').update(original).digest('hex'),
      perceptualHash: reference.perceptualHash,
      thumbhash: reference.thumbhash,
      // The original's own: a stand-in is smaller.
      width: 4032,
      height: 3024,
      exif: { make: 'Apple', model: 'iPhone 16', orientation: 1 },
      capture: { fNumber: 1.6 },
      credit: { copyright: 'Ada' },
      place: { latitude: 51.5, longitude: -0.1 },
    });
  });

  it('knows nothing of a place where the tenant does not want it', async () => {
    const { metadata } = await extractHeic(await container(), 'drop');
    expect(metadata).not.toHaveProperty('place');
    expect(JSON.stringify(metadata)).not.toMatch(/51\.5|0\.125|GPS/);
  });

  it('does without written facts when the container is beyond reading', async () => {
    const { metadata } = await extractHeic(Buffer.from('no container'), 'keep');
    expect(metadata).toMatchObject({ width: 4032, exif: { takenAt: null, make: null, model: null, orientation: 1 } });
  });
});
