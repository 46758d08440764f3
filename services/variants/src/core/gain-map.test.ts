import { attachGainMap, readGainMap, tagColour } from '@darkroom/imaging';
import sharp from 'sharp';
import { withGainMap } from './gain-map.ts';
import type { Rendition } from './plan.ts';

/** A map that is light in its upper left quarter, a quarter as wide as its picture of 1600 × 1200. */
const quarterLit = (width = 400, height = 300): Promise<Buffer> => {
  const data = Buffer.alloc(width * height);
  for (let y = 0; y < height / 2; y++) data.fill(255, y * width, y * width + width / 2);
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .jpeg({ quality: 95 })
    .toBuffer();
};
const NUMBERS = [0, 2, 0, 2, 1, 0.015625, 0.015625];
/** Metadata of ISO 21496-1 for one channel, by numbers and a denominator each. */
const isoWith = (flags: number): Buffer => {
  const iso = Buffer.alloc(5 + 8 * NUMBERS.length);
  iso[4] = flags;
  for (const [index, value] of NUMBERS.entries()) {
    iso.writeInt32BE(value * 64, 5 + 8 * index);
    iso.writeUInt32BE(64, 9 + 8 * index);
  }
  return iso;
};
const BASE_COLOURS = 0x40;

const photograph = (orientation: number): Promise<Buffer> =>
  sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#406080' } })
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer();
const original = async ({ orientation = 1, map }: { orientation?: number; map?: Buffer } = {}): Promise<Buffer> =>
  attachGainMap(await photograph(orientation), { jpeg: map ?? (await quarterLit()), iso: isoWith(BASE_COLOURS) });

const rendition = (width: number, height: number, changes: Partial<Rendition> = {}): Rendition => ({
  width,
  tier: 'n',
  format: 'jpeg',
  pixels: { width, height },
  whole: { width, height },
  animated: false,
  ...changes,
});
const source = (file: Buffer, keepGainMap = true) => ({
  original: file,
  header: { format: 'jpeg', progressive: false } as const,
  background: '#ffffff',
  keepGainMap,
});
const encoded = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#406080' } })
    .jpeg({ progressive: true })
    .toBuffer();

describe('withGainMap', () => {
  it('puts the map behind the picture, in its proportion, where libultrahdr finds it, with no other metadata', async () => {
    const file = await encoded(1280, 960);
    const kept = await withGainMap(source(await original()), rendition(1280, 960), file);
    // libvips' own loader for such files is not let near foreign bytes; these are ours.
    sharp.unblock({ operation: ['VipsForeignLoadUhdrBuffer'] });
    const { width, height, gainMap, exif, xmp } = await sharp(kept).metadata();
    sharp.block({ operation: ['VipsForeignLoadUhdrBuffer'] });
    expect({ width, height, exif, xmp }).toEqual({ width: 1280, height: 960, exif: undefined, xmp: undefined });
    expect(await sharp(gainMap?.image).metadata()).toMatchObject({ width: 320, height: 240, channels: 1 });
    expect(await sharp(kept).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns the map with a picture of orientation %d', async (orientation) => {
    const [width, height] = orientation > 4 ? [960, 1280] : [1280, 960];
    const kept = await withGainMap(
      source(await original({ orientation })),
      rendition(width, height),
      await encoded(width, height),
    );
    const map = readGainMap(kept)?.jpeg ?? Buffer.alloc(0);
    const expected = await sharp(await quarterLit())
      .withMetadata({ orientation })
      .toBuffer();
    const pixels = (image: Buffer) => sharp(image).autoOrient().resize(40, 40, { fit: 'fill' }).raw().toBuffer();
    const [seen, wanted] = [await pixels(map), await pixels(expected)];
    const off = seen.reduce((sum, value, at) => sum + Math.abs(value - (wanted[at] ?? 0)), 0) / seen.length;
    expect(off).toBeLessThan(3);
  });

  it('keeps the profile of a map that is meant in colours of its own, and of no other', async () => {
    const icc = (
      await sharp(await encoded(8, 8))
        .withIccProfile('p3')
        .jpeg()
        .toBuffer()
        .then((p3) => sharp(p3).metadata())
    ).icc;
    const map = tagColour(await quarterLit(), 'jpeg', icc ?? Buffer.alloc(0));
    const profileAfter = async (flags: number) => {
      const file = attachGainMap(await photograph(1), { jpeg: map, iso: isoWith(flags) });
      const kept = await withGainMap(source(file), rendition(1280, 960), await encoded(1280, 960));
      return (await sharp(readGainMap(kept)?.jpeg).metadata()).icc?.length;
    };
    expect([await profileAfter(0), await profileAfter(BASE_COLOURS)]).toEqual([icc?.length, undefined]);
  });

  it.each([
    ['the policy says so', false, rendition(1280, 960)],
    ['the file is small', true, rendition(640, 480)],
    ['the tier is low', true, rendition(1280, 960, { tier: 'l' })],
    ['the format is another', true, rendition(1280, 960, { format: 'avif' })],
  ])('leaves the map away where %s', async (_why, keepGainMap, wanted) => {
    const file = await encoded(wanted.pixels.width, wanted.pixels.height);
    expect(await withGainMap(source(await original(), keepGainMap), wanted, file)).toBe(file);
  });

  it('leaves a map away that cannot be decoded, and keeps the picture', async () => {
    const map = (await quarterLit()).subarray(0, 400);
    const file = await encoded(1280, 960);
    expect(await withGainMap(source(await original({ map })), rendition(1280, 960), file)).toBe(file);
  });
});
