import type { Focus, ImageHeader } from '@darkroom/types/image';
import { developedKey, variantKey } from '@darkroom/types/keys';
import { type Ladder, ladder, type VariantFormat } from '@darkroom/types/ladder';
import sharp, { type Sharp } from 'sharp';
import {
  difference,
  fixture,
  header,
  IMAGE_ID,
  metadata,
  pixelsOf,
  record,
  task,
} from '../../test/support/pictures.ts';
import { pictureFacts } from './picture-facts.ts';
import { pictureOf, renditionOf, type Sides } from './plan.ts';
import { type RenderSource, renderSet } from './render.ts';
import { renderFamily } from './render-family.ts';
import { renderOne } from './render-variant.ts';

type Rgb = readonly [r: number, g: number, b: number];
const GROUND: Rgb = [60, 80, 170];
const SUBJECT: Rgb = [220, 40, 30];
const colourOf = ([r, g, b]: Rgb) => ({ r, g, b });
/** Radius of the subject, of the shorter side. */
const RADIUS = 0.12;

type Encode = (image: Sharp) => Sharp;
const png: Encode = (image) => image.png();
const jpeg: Encode = (image) => image.jpeg({ quality: 95 });

/** A blue picture with one red disc, whose middle lies at a pixel's corner. */
const painted = async ({ width, height }: Sides, at: Focus, as: Encode = png): Promise<Buffer> => {
  const radius = Math.round(RADIUS * Math.min(width, height));
  const side = 2 * radius;
  const ground = { create: { width, height, channels: 3 as const, background: colourOf(GROUND) } };
  if (radius === 0) return as(sharp(ground)).toBuffer();
  const disc = Buffer.alloc(4 * side * side);
  for (let index = 0; index < side * side; index += 1) {
    const [x, y] = [(index % side) + 0.5, Math.floor(index / side) + 0.5];
    if (Math.hypot(x - radius, y - radius) < radius) disc.set([...SUBJECT, 255], 4 * index);
  }
  const [left, top] = [Math.round(at.x * width) - radius, Math.round(at.y * height) - radius];
  const input = { input: disc, raw: { width: side, height: side, channels: 4 as const }, left, top };
  // Flat pixels, so that what comes next in a pipeline comes after the disc.
  const { data, info } = await sharp(ground)
    .composite([input])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return as(sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })).toBuffer();
};

/** The share of red pixels in a file, and where their middle is. */
const subjectOf = async (file: Buffer) => {
  const { data, width, height } = await pixelsOf(file);
  let [count, x, y] = [0, 0, 0];
  for (let index = 0; index < width * height; index += 1) {
    if ((data[3 * index] ?? 0) < 140 || (data[3 * index + 2] ?? 0) > 100) continue;
    count += 1;
    x += (index % width) + 0.5;
    y += Math.floor(index / width) + 0.5;
  }
  return { share: count / (width * height), x: x / count / width, y: y / count / height };
};

const render = async (
  source: Omit<RenderSource, 'background'>,
  sides: Sides,
  { width = 320, format = 'jpeg', frames = 1 }: { width?: number; format?: VariantFormat; frames?: number } = {},
): Promise<Buffer> => {
  const picture = pictureOf(ladder, sides, { format: source.header.format, frames });
  const rendition = renditionOf(ladder, picture, { width, tier: 's', format });
  const files = await renderSet(
    { source: { background: '#336699', ...source }, renditions: [rendition], ladder },
    (_rendition, data) => Promise.resolve(data),
  );
  return files[0] ?? Buffer.alloc(0);
};

/** The same square, cut from all of the pixels and resized then: the other way round than it is made. */
const reference = (original: Buffer, { width, height }: Sides, { x, y }: Focus, to: number): Promise<Buffer> => {
  const side = Math.min(width, height);
  const start = (share: number, length: number) =>
    Math.min(length - side, Math.max(0, Math.round(share * length - side / 2)));
  const part = { left: start(x, width), top: start(y, height), width: side, height: side };
  return sharp(original).autoOrient().extract(part).resize(to, to).png().toBuffer();
};

describe('a square', () => {
  it.each(['avif', 'webp', 'jpeg'] as const)(
    'as %s has the size and the pixels around the focal point',
    async (format) => {
      const [sides, focus] = [
        { width: 1200, height: 800 },
        { x: 0.7, y: 0.4 },
      ];
      const original = await painted(sides, focus);
      for (const width of ladder.squareWidths) {
        const file = await render({ original, header: header('png'), focus }, sides, { width, format });
        const facts = await sharp(file).metadata();
        expect([facts.format === 'heif' ? 'avif' : facts.format, facts.width, facts.height]).toEqual([
          format,
          width,
          width,
        ]);
        expect([facts.exif, facts.icc, facts.xmp]).toEqual([undefined, undefined, undefined]);
        expect(await difference(file, await reference(original, sides, focus, width))).toBeLessThan(3);
      }
    },
  );

  it.each([
    [1200, 800],
    [800, 1200],
    [2000, 500],
    [500, 2000],
  ])('of a picture of %d × %d keeps all of the subject, wherever it is', async (width, height) => {
    const shorter = Math.min(width, height);
    const [edgeX, edgeY] = [(RADIUS * shorter + 2) / width, (RADIUS * shorter + 2) / height];
    const all = Math.PI * RADIUS ** 2;
    for (const x of [edgeX, 0.3, 0.5, 1 - edgeX])
      for (const y of [edgeY, 0.6, 1 - edgeY]) {
        const original = await painted({ width, height }, { x, y }, jpeg);
        const file = await render({ original, header: header('jpeg'), focus: { x, y } }, { width, height });
        expect((await subjectOf(file)).share).toBeCloseTo(all, 2);
      }
  });

  it('puts the subject into the middle where there is room', async () => {
    const focus = { x: 0.4, y: 0.5 };
    const original = await painted({ width: 1000, height: 500 }, focus);
    const { x, y } = await subjectOf(
      await render({ original, header: header('png'), focus }, { width: 1000, height: 500 }),
    );
    expect([x, y].map((share) => Math.abs(share - 0.5) < 0.02)).toEqual([true, true]);
  });

  it('is the middle of the picture in records that know no focal point', async () => {
    const original = await painted({ width: 900, height: 300 }, { x: 0.05, y: 0.5 });
    const sides = { width: 900, height: 300 };
    const file = await render({ original, header: header('png') }, sides);
    expect((await subjectOf(file)).share).toBe(0);
    expect(await difference(file, await reference(original, sides, { x: 0.5, y: 0.5 }, 300))).toBeLessThan(3);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is cut from the upright picture of orientation %d', async (orientation) => {
    const [sides, focus] = [
      { width: 450, height: 300 },
      { x: 0.85, y: 0.3 },
    ];
    const original = fixture(`landscape_${orientation}.jpg`);
    const file = await render({ original, header: header('jpeg', { orientation }), focus }, sides);
    const expected = await reference(fixture('landscape_1.jpg'), sides, focus, 300);
    expect(await difference(file, expected)).toBeLessThan(0.03 * 255);
    const middle = await reference(fixture('landscape_1.jpg'), sides, { x: 0.5, y: 0.5 }, 300);
    expect(await difference(file, middle)).toBeGreaterThan(0.06 * 255);
  });

  it('keeps wide colours with their profile', async () => {
    const [sides, focus] = [
      { width: 600, height: 400 },
      { x: 0.2, y: 0.5 },
    ];
    const original = await painted(sides, focus, (image) => image.withIccProfile('p3').png());
    const stored = await sharp(original).keepIccProfile().removeAlpha().raw().toBuffer();
    for (const format of ['avif', 'webp', 'jpeg'] as const) {
      const file = await render({ original, header: header('png'), focus, wideGamut: true }, sides, { format });
      const { icc, width, height } = await sharp(file).metadata();
      expect([icc !== undefined, width, height]).toEqual([true, 320, 320]);
      const pixels = await sharp(file).keepIccProfile().removeAlpha().raw().toBuffer();
      // The upper right corner of the square is ground, in the numbers of the profile.
      const at = 3 * (319 - 5);
      for (const channel of [0, 1, 2])
        expect(Math.abs((pixels[at + channel] ?? 0) - (stored[channel] ?? 0))).toBeLessThan(8);
    }
  });

  it('converts a profile to sRGB where nothing is lost, and cuts the same', async () => {
    const [sides, focus] = [
      { width: 600, height: 400 },
      { x: 0.8, y: 0.5 },
    ];
    const original = await painted(sides, focus, (image) => image.withIccProfile('p3').png());
    const file = await render({ original, header: header('png'), focus }, sides);
    expect((await sharp(file).metadata()).icc).toBeUndefined();
    expect((await subjectOf(file)).share).toBeCloseTo(Math.PI * RADIUS ** 2, 2);
  });

  it('keeps transparency, and stands on the dominant colour in JPEG', async () => {
    const hole = await sharp({
      create: { width: 300, height: 200, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .composite([{ input: await painted({ width: 100, height: 200 }, { x: 0.5, y: 0.5 }), left: 200, top: 0 }])
      .png()
      .toBuffer();
    const source = {
      original: hole,
      header: header('png', { hasAlpha: true, channels: 4 }),
      focus: { x: 0.9, y: 0.5 },
    };
    const [avif, jpeg] = [
      await render(source, { width: 300, height: 200 }, { format: 'avif' }),
      await render(source, { width: 300, height: 200 }),
    ];
    expect(await sharp(avif).metadata()).toMatchObject({ hasAlpha: true, width: 200, height: 200 });
    const { data } = await pixelsOf(jpeg);
    for (const [at, colour] of [
      [0, [0x33, 0x66, 0x99]],
      [3 * 195, GROUND],
    ] as const)
      for (const channel of [0, 1, 2])
        expect(Math.abs((data[at + channel] ?? 0) - (colour[channel] ?? 0))).toBeLessThan(8);
  });

  it.each<[string, Encode, ImageHeader['format'], number, number, number]>([
    ['CMYK', (image) => image.toColourspace('cmyk').jpeg(), 'jpeg', 500, 400, 320],
    ['16 bits', (image) => image.toColourspace('rgb16').png(), 'png', 500, 400, 320],
    ['grey', (image) => image.toColourspace('b-w').png(), 'png', 500, 400, 320],
    ['one pixel', png, 'png', 1, 1, 1],
    ['one column', png, 'png', 1, 20_000, 1],
    ['one row', png, 'png', 20_000, 1, 1],
    ['a strip', jpeg, 'jpeg', 20_000, 330, 320],
  ])('is cut from %s', async (_name, as, format, width, height, side) => {
    const original = await painted({ width, height }, { x: 0.5, y: 0.5 }, as);
    const file = await render({ original, header: header(format), focus: { x: 1, y: 0 } }, { width, height });
    expect(await sharp(file).metadata()).toMatchObject({ width: side, height: side });
  });

  it('of an animation stands still in every format', async () => {
    const frame = (colour: string) => sharp({ create: { width: 90, height: 60, channels: 3, background: colour } });
    const original = await sharp(
      await Promise.all(['red', 'lime', 'blue'].map((colour) => frame(colour).png().toBuffer())),
      { join: { animated: true } },
    )
      .gif()
      .toBuffer();
    for (const format of ladder.formats) {
      const file = await render({ original, header: header('gif') }, { width: 90, height: 60 }, { format, frames: 3 });
      const { pages = 1, width, height } = await sharp(file, { animated: format === 'webp' }).metadata();
      expect([pages, width, height]).toEqual([1, 60, 60]);
      expect((await subjectOf(file)).share).toBe(1);
    }
  });

  it('has the quality of the normal tier, from the same decode, and carries the notice that the policy keeps', async () => {
    const facts = metadata(1200, 800, {
      focus: { x: 0.2, y: 0.5 },
      credit: { title: null, caption: null, creator: null, copyright: '© Ada', credit: null, keywords: [] },
    });
    const original = await painted(facts, { x: 0.2, y: 0.5 }, jpeg);
    const source = {
      original,
      header: header('jpeg'),
      ...pictureFacts(task, facts, { keepCopyright: true, keepGainMap: false }),
    };
    const picture = { width: 1200, height: 800, frames: 1 };
    const renditions = (['n', 's'] as const).map((tier) =>
      renditionOf(ladder, picture, { width: 320, tier, format: 'jpeg' }),
    );
    const qualities: number[] = [];
    const [normal = original, square = original] = await renderSet(
      { source, renditions, ladder },
      (_r, data, quality) => {
        qualities.push(quality);
        return Promise.resolve(data);
      },
    );
    // It has half as many pixels again, which counts for a fraction of a step.
    expect(Math.max(...qualities) - Math.min(...qualities)).toBeLessThanOrEqual(1);
    expect((await sharp(square).metadata()).exif?.includes('Ada')).toBe(true);
    expect((await subjectOf(square)).share).toBeCloseTo(Math.PI * RADIUS ** 2, 2);
    expect(await difference(normal, await sharp(original).resize(320).png().toBuffer())).toBeLessThan(4);
  });

  it('of a HEIC original is cut from what was developed of it, which is upright', async () => {
    const focus = { x: 0.9, y: 0.5 };
    const image = record({
      header: header('heic', { width: 300, height: 450, orientation: 6 }),
      metadata: metadata(450, 300, { focus }),
    }) as Parameters<typeof renderOne>[1];
    const read: string[] = [];
    const readOriginal = ({ key }: { key: string }) => {
      read.push(key);
      return Promise.resolve(fixture('landscape_1.jpg'));
    };
    const name = { imageId: IMAGE_ID, version: '0123456789ab', width: 640, tier: 's', format: 'webp' } as const;
    const file = await renderOne({ readOriginal, ladder }, image, name);
    expect(read).toEqual([developedKey(IMAGE_ID)]);
    const expected = await reference(fixture('landscape_1.jpg'), { width: 450, height: 300 }, focus, 300);
    expect(await difference(file, expected)).toBeLessThan(0.03 * 255);
  });
});

describe('a family that lists squares', () => {
  const eager: Ladder = {
    ...ladder,
    families: { ...ladder.families, thumbnail: [{ width: 320, tier: 's', formats: ['avif', 'webp', 'jpeg'] }] },
  };
  const run = async (sides: Sides, travelled: Sides) => {
    const focus = { x: 0.5, y: 0.3 };
    const preview = { jpeg: (await painted(travelled, focus, jpeg)).toString('base64'), ...travelled };
    const original = await painted(sides, focus, jpeg);
    const stored = new Map<string, Buffer>();
    let reads = 0;
    const result = await renderFamily(
      {
        ladder: eager,
        readOriginal: () => {
          reads += 1;
          return Promise.resolve(original);
        },
        putVariant: (key, data) => Promise.resolve(void stored.set(key, data)),
      },
      {
        task,
        header: header('jpeg'),
        family: 'thumbnail',
        metadata: { ...metadata(sides.width, sides.height, { focus }), preview },
      },
    );
    return { result, stored, reads };
  };

  it.each([
    [
      'the preview that travels, when its shorter side is enough',
      { width: 1200, height: 1600 },
      { width: 320, height: 427 },
      0,
    ],
    ['the original otherwise', { width: 1600, height: 1200 }, { width: 320, height: 240 }, 1],
  ])('makes them from %s', async (_what, sides, travelled, expected) => {
    const { result, stored, reads } = await run(sides, travelled);
    expect(reads).toBe(expected);
    expect(result.variants.map(({ key, ...facts }) => ({ ...facts, isStored: stored.has(key) }))).toMatchObject(
      ladder.formats.map((format) => ({
        family: 'thumbnail',
        tier: 's',
        format,
        width: 320,
        height: 320,
        isStored: true,
      })),
    );
    for (const [key, data] of stored) {
      expect(key).toMatch(/\/320-s\.(avif|webp|jpeg)$/);
      expect((await subjectOf(data)).share).toBeCloseTo(Math.PI * RADIUS ** 2, 2);
    }
    expect([...stored.keys()]).toContain(
      variantKey({ imageId: IMAGE_ID, version: '0123456789ab', width: 320, tier: 's', format: 'avif' }),
    );
  });
});
