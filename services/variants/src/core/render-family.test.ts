import type { ImageHeader } from '@darkroom/types/image';
import { type Family, ladder } from '@darkroom/types/ladder';
import { variantsResultSchema } from '@darkroom/types/workflow';
import sharp, { type Sharp } from 'sharp';
import {
  difference,
  fixture,
  header,
  IMAGE_ID,
  metadata,
  pixelsOf,
  task,
  VERSION,
} from '../../test/support/pictures.ts';
import { pictureFacts } from './picture-facts.ts';
import { pictureOf } from './plan.ts';
import { renderFamily, renderFamilyBytes } from './render-family.ts';

const families: readonly Family[] = ['thumbnail', 'mobile', 'web'];
const background = '#336699';

const renderAll = async (original: Buffer, facts: ImageHeader, original_: { width: number; height: number }) => {
  const source = { original, header: facts, background };
  const picture = pictureOf(ladder, original_, facts);
  const sets = await Promise.all(families.map((family) => renderFamilyBytes(source, picture, { ladder, family })));
  return sets.flat();
};
const uprightOf = async (original: Buffer) => (await sharp(original).metadata()).autoOrient;
const blank = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 200, g: 90, b: 10, alpha: 1 } } });

describe('renditions', () => {
  it('have the size, the format and the pixels of the picture', async () => {
    const original = await blank(3000, 2000).jpeg().toBuffer();
    const files = await renderAll(original, header('jpeg'), { width: 3000, height: 2000 });
    expect(files).toHaveLength(7);
    for (const { rendition, data } of files) {
      const { format, width, height, space } = await sharp(data).metadata();
      expect({ format: format === 'heif' ? 'avif' : format, width, height, space }).toEqual({
        format: rendition.format,
        ...rendition.pixels,
        // sRGB of more than eight bits: AVIF of the normal tier has ten.
        space: rendition.format === 'avif' && rendition.tier === 'n' ? 'rgb16' : 'srgb',
      });
      const [r, g, b] = (await pixelsOf(data)).data;
      expect(Math.max(Math.abs((r ?? 0) - 200), Math.abs((g ?? 0) - 90), Math.abs((b ?? 0) - 10))).toBeLessThan(6);
    }
  });

  it('are progressive JPEGs with colour at half resolution', async () => {
    const original = await blank(400, 300).jpeg().toBuffer();
    const files = await renderAll(original, header('jpeg'), { width: 400, height: 300 });
    const jpegs = files.filter(({ rendition }) => rendition.format === 'jpeg');
    expect(jpegs).toHaveLength(2);
    for (const { data } of jpegs)
      expect(await sharp(data).metadata()).toMatchObject({ isProgressive: true, chromaSubsampling: '4:2:0' });
  });

  // docs/hostile-images.md, "Cases": pixel difference to the upright reference under 3 %.
  it.each([2, 3, 4, 5, 6, 7, 8])('of a photograph of orientation %d are upright', async (orientation) => {
    const [reference, lying] = [fixture('landscape_1.jpg'), fixture(`landscape_${orientation}.jpg`)];
    const facts = header('jpeg', { orientation });
    const [expected, files] = await Promise.all([
      renderAll(reference, header('jpeg'), { width: 450, height: 300 }),
      renderAll(lying, facts, { width: 450, height: 300 }),
    ]);
    expect(files).toHaveLength(expected.length);
    for (const [index, { data }] of files.entries())
      expect(await difference(data, expected[index]?.data ?? Buffer.alloc(0))).toBeLessThan(0.03 * 255);
  });

  it('of an AVIF that its container turns are turned once', async () => {
    const files = await renderAll(fixture('abc_color_irot_alpha_irot.avif'), header('avif', { hasAlpha: true }), {
      width: 256,
      height: 512,
    });
    expect(files.map(({ rendition }) => rendition.pixels)).toEqual(files.map(() => ({ width: 256, height: 512 })));
    const reference = await sharp(fixture('abc_color_irot_alpha_irot.avif')).removeAlpha().png().toBuffer();
    const avif = files.find(({ rendition }) => rendition.format === 'avif');
    expect(await difference(avif?.data ?? Buffer.alloc(0), reference)).toBeLessThan(0.1 * 255);
  });

  // docs/hostile-images.md, "Cases": nothing private is served.
  it('carry nothing of the original but pixels', async () => {
    const secret = 'NEEDLE-OF-SOMEBODY';
    const tagged = await blank(700, 500)
      .withExif({ IFD0: { Artist: secret, Make: secret }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>${secret}</a></x:xmpmeta>`)
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    expect(tagged.includes(secret)).toBe(true);
    const originals = [
      { original: tagged, facts: header('jpeg') },
      { original: fixture('paris_icc_exif_xmp.avif'), facts: header('avif') },
    ];
    for (const { original, facts } of originals) {
      for (const { data } of await renderAll(original, facts, await uprightOf(original))) {
        const { exif, xmp, iptc, icc } = await sharp(data).metadata();
        expect({ exif, xmp, iptc, icc }).toEqual({ exif: undefined, xmp: undefined, iptc: undefined, icc: undefined });
        for (const needle of [secret, 'Exif', 'xmpmeta', 'Google', 'Pixel']) expect(data.includes(needle)).toBe(false);
      }
    }
  });

  it('convert wide colours to sRGB by the embedded profile', async () => {
    // Stored in the numbers of Display P3, which are 186, 72, 68: taken as they are they would be another colour.
    const p3 = await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 200, g: 60, b: 60 } } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const stored = await sharp(p3).metadata();
    expect(stored.icc).toBeDefined();
    const [jpeg] = (await renderAll(p3, header('png'), { width: 8, height: 8 })).filter(
      ({ rendition }) => rendition.format === 'jpeg',
    );
    const [r, g, b] = (await pixelsOf(jpeg?.data ?? Buffer.alloc(0))).data;
    expect(Math.max(Math.abs((r ?? 0) - 200), Math.abs((g ?? 0) - 60), Math.abs((b ?? 0) - 60))).toBeLessThan(8);
  });

  it('keep transparency in AVIF and stand on the dominant colour in JPEG', async () => {
    const half = await sharp({
      create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const files = await renderAll(half, header('png', { hasAlpha: true, channels: 4 }), { width: 40, height: 40 });
    const [avif, jpeg] = ['avif', 'jpeg'].map((format) => files.find(({ rendition }) => rendition.format === format));
    expect((await sharp(avif?.data).metadata()).hasAlpha).toBe(true);
    const [r, g, b] = (await pixelsOf(jpeg?.data ?? Buffer.alloc(0))).data;
    expect(Math.max(Math.abs((r ?? 0) - 0x33), Math.abs((g ?? 0) - 0x66), Math.abs((b ?? 0) - 0x99))).toBeLessThan(6);
  });

  it('leave out an alpha channel in which everything is opaque', async () => {
    const original = await blank(50, 50, 4).png().toBuffer();
    const files = await renderAll(original, header('png', { hasAlpha: true, channels: 4 }), { width: 50, height: 50 });
    const avif = files.find(({ rendition }) => rendition.format === 'avif');
    expect((await sharp(avif?.data).metadata()).hasAlpha).toBe(false);
  });

  it.each<[string, Sharp, ImageHeader['format'], number, number]>([
    ['CMYK', blank(500, 400).toColourspace('cmyk').jpeg(), 'jpeg', 500, 400],
    ['16 bits a channel', blank(500, 400).toColourspace('rgb16').png(), 'png', 500, 400],
    ['grey', blank(500, 400).greyscale().toColourspace('b-w').png(), 'png', 500, 400],
    ['one pixel', blank(1, 1).png(), 'png', 1, 1],
    ['one column', blank(1, 20_000).png(), 'png', 1, 20_000],
    ['one row', blank(20_000, 1).png(), 'png', 20_000, 1],
    ['a GIF', blank(60, 40).gif(), 'gif', 60, 40],
  ])('are made of a picture of %s', async (_name, image, format, width, height) => {
    const files = await renderAll(await image.toBuffer(), header(format), { width, height });
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const { rendition, data } of files) {
      const made = await sharp(data).metadata();
      expect([made.width, made.height]).toEqual([rendition.pixels.width, rendition.pixels.height]);
    }
  });

  it.each([
    ['bricks-color.lossy.webp', 'webp'],
    ['pngsuite__s39i3p04.png', 'png'],
    ['pngsuite__tbgn3p08.png', 'png'],
    ['pngsuite__ps1n2c16.png', 'png'],
    ['paris_icc_exif_xmp.avif', 'avif'],
  ] as const)('are made of %s', async (name, format) => {
    const original = fixture(name);
    const files = await renderAll(original, header(format), await uprightOf(original));
    expect(files.map(({ rendition }) => rendition.format)).toEqual(expect.arrayContaining(['avif', 'jpeg']));
  });

  it('of an animation show its first frame', async () => {
    const frames = Buffer.concat([Buffer.alloc(30 * 30 * 3, 255), Buffer.alloc(30 * 30 * 3, 0)]);
    const gif = await sharp(frames, { raw: { width: 30, height: 60, channels: 3, pageHeight: 30 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const [file] = await renderAll(gif, header('gif', { frames: 2 }), { width: 30, height: 30 });
    const { data, width, height } = await pixelsOf(file?.data ?? Buffer.alloc(0));
    expect([width, height, Math.min(...data) > 240]).toEqual([30, 30, true]);
  });

  it('are the same bytes each time: a repeat overwrites a file with itself', async () => {
    const original = fixture('landscape_6.jpg');
    const run = () => renderAll(original, header('jpeg', { orientation: 6 }), { width: 450, height: 300 });
    const [first, second] = [await run(), await run()];
    expect(first.map(({ data }) => data)).toEqual(second.map(({ data }) => data));
  });
});

describe('renderFamily', () => {
  const ports = (original: Buffer) => {
    const stored = new Map<string, { bytes: number; format: string }>();
    let reads = 0;
    return {
      stored,
      reads: () => reads,
      ladder,
      readOriginal: () => {
        reads++;
        return Promise.resolve(original);
      },
      putVariant: (key: string, data: Buffer, format: string) => {
        stored.set(key, { bytes: data.length, format });
        return Promise.resolve();
      },
    };
  };

  it('reads once, stores each rendition under its key and answers what the contract says', async () => {
    const given = ports(fixture('landscape_1.jpg'));
    const input = { task, header: header('jpeg'), metadata: metadata(450, 300), family: 'mobile' as const };
    const result = await renderFamily(given, input);
    expect(variantsResultSchema.parse(result)).toEqual(result);
    expect(given.reads()).toBe(1);
    // In the order in which they are ready.
    expect([...given.stored.keys()].sort()).toEqual([
      `v/${IMAGE_ID}/${VERSION}/640-n.avif`,
      `v/${IMAGE_ID}/${VERSION}/640-n.jpeg`,
    ]);
    for (const { key, bytes, format } of result.variants) expect(given.stored.get(key)).toEqual({ bytes, format });
    expect(result.variants).toMatchObject([
      { width: 450, height: 300, tier: 'n', format: 'avif', family: 'mobile' },
      { width: 450, height: 300, tier: 'n', format: 'jpeg', family: 'mobile' },
    ]);
  });

  it('does not even read an original whose family has nothing to add', async () => {
    const given = ports(fixture('landscape_1.jpg'));
    const input = { task, header: header('jpeg'), metadata: metadata(300, 200), family: 'web' as const };
    await expect(renderFamily(given, input)).resolves.toEqual({ family: 'web', variants: [] });
    expect(given.reads()).toBe(0);
  });

  it('refuses a photograph that is cut off in its middle, and stores nothing of it', async () => {
    const whole = fixture('landscape_1.jpg');
    const given = ports(whole.subarray(0, whole.length / 2));
    const input = { task, header: header('jpeg'), metadata: metadata(450, 300), family: 'thumbnail' as const };
    await expect(renderFamily(given, input)).rejects.toMatchObject({
      name: 'ImageRejected',
      code: 'TRUNCATED_OR_CORRUPT',
    });
    expect(given.stored.size).toBe(0);
  });
});

describe('the preview that travels', () => {
  const preview = async (width: number, height: number) => {
    const jpeg = await blank(width, height).jpeg({ quality: 95 }).toBuffer();
    return { jpeg: jpeg.toString('base64'), width, height };
  };
  const facts = metadata(1600, 1200);
  const run = async (family: Family, travelled: { jpeg: string; width: number; height: number }) => {
    const read: string[] = [];
    const stored: Buffer[] = [];
    await renderFamily(
      {
        ladder,
        readOriginal: async ({ key }) => {
          read.push(key);
          return await blank(1600, 1200).jpeg().toBuffer();
        },
        putVariant: (_key, data) => Promise.resolve(void stored.push(data)),
      },
      { task, header: header('jpeg'), family, metadata: { ...facts, preview: travelled } },
    );
    return { read, stored };
  };

  it('serves the thumbnail family in place of the original', async () => {
    const { read, stored } = await run('thumbnail', await preview(320, 240));
    expect(read).toEqual([]);
    expect(await sharp(stored[0]).metadata()).toMatchObject({ width: 320, height: 240 });
    const [r, g, b] = (await pixelsOf(stored[0] ?? Buffer.alloc(0))).data;
    expect(Math.max(Math.abs((r ?? 0) - 200), Math.abs((g ?? 0) - 90), Math.abs((b ?? 0) - 10))).toBeLessThan(6);
  });

  it.each([
    ['mobile', 320, 240],
    ['thumbnail', 319, 240],
  ] as const)('is not enlarged for %s from %d × %d', async (family, width, height) => {
    expect((await run(family, await preview(width, height))).read).toHaveLength(1);
  });
});

describe('animations', () => {
  const frame = (colour: string) => ({ create: { width: 90, height: 60, channels: 3 as const, background: colour } });
  const animation = async (format: 'gif' | 'webp') =>
    sharp(await Promise.all(['red', 'lime', 'blue'].map((colour) => sharp(frame(colour)).png().toBuffer())), {
      join: { animated: true },
    })
      .toFormat(format, { delay: [100, 250, 400], loop: 3 })
      .toBuffer();

  it.each(['gif', 'webp'] as const)(
    'of %s keep frames, delays and loops in WebP, and stand still in JPEG',
    async (format) => {
      const files = await renderAll(await animation(format), header(format, { frames: 3 }), { width: 90, height: 60 });
      expect(files.map(({ rendition }) => rendition.format)).toEqual(['webp', 'jpeg']);
      const [moving, poster] = await Promise.all(files.map(({ data }) => sharp(data, { animated: true }).metadata()));
      expect(moving).toMatchObject({ pages: 3, delay: [100, 250, 400], loop: 3, width: 90, pageHeight: 60 });
      expect(poster).toMatchObject({ format: 'jpeg', width: 90, height: 60 });
      const [r, g, b] = (await pixelsOf(files[1]?.data ?? Buffer.alloc(0))).data;
      expect([(r ?? 0) > 200, (g ?? 0) < 60, (b ?? 0) < 60]).toEqual([true, true, true]);
    },
  );
});

describe('wide colours', () => {
  it('stay as they are, with their profile and nothing else, where they reach beyond sRGB', async () => {
    const p3 = await sharp({ create: { width: 60, height: 40, channels: 3, background: { r: 0, g: 255, b: 0 } } })
      .withIccProfile('p3')
      .withExif({ IFD0: { Artist: 'somebody' } })
      .png()
      .toBuffer();
    const [stored] = [await sharp(p3).keepIccProfile().removeAlpha().raw().toBuffer()];
    const source = { original: p3, header: header('png'), background, wideGamut: true };
    const files = await renderFamilyBytes(
      source,
      { width: 60, height: 40, frames: 1 },
      { ladder, family: 'thumbnail' },
    );
    expect(files).toHaveLength(2);
    for (const { data } of files) {
      const { icc, exif } = await sharp(data).metadata();
      expect({ hasProfile: icc !== undefined, exif }).toEqual({ hasProfile: true, exif: undefined });
      const pixels = await sharp(data).keepIccProfile().removeAlpha().raw().toBuffer();
      for (const channel of [0, 1, 2])
        expect(Math.abs((pixels[channel] ?? 0) - (stored[channel] ?? 0))).toBeLessThan(8);
    }
  });
});

describe('copyright', () => {
  const facts = metadata(400, 300, {
    credit: { title: 'Dawn', caption: null, creator: 'Ada', copyright: '© Ada Lovelace', credit: null, keywords: [] },
  });

  it('goes with every rendition where the policy keeps it, alone', async () => {
    const copyright = pictureFacts(task, facts, { keepCopyright: true, keepGainMap: false });
    const source = { original: await blank(400, 300).jpeg().toBuffer(), header: header('jpeg'), ...copyright };
    const files = await renderFamilyBytes(
      source,
      { width: 400, height: 300, frames: 1 },
      { ladder, family: 'thumbnail' },
    );
    expect(files).toHaveLength(2);
    for (const { data } of files) {
      const { exif } = await sharp(data).metadata();
      expect(exif?.includes('Ada Lovelace')).toBe(true);
      expect(exif?.includes('Dawn')).toBe(false);
    }
  });

  it('stays behind otherwise', () => {
    expect(pictureFacts(task, facts, { keepCopyright: false, keepGainMap: false })).not.toHaveProperty('copyright');
    expect(pictureFacts(task, metadata(4, 3), { keepCopyright: true, keepGainMap: false })).not.toHaveProperty(
      'copyright',
    );
  });
});

describe('quality', () => {
  const noise = () =>
    sharp({
      create: {
        width: 1400,
        height: 900,
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .jpeg({ quality: 95 })
      .toBuffer();

  it('of the low tier is lowered until its byte budget is met', async () => {
    const source = { original: await noise(), header: header('jpeg'), background };
    const files = await renderFamilyBytes(
      source,
      { width: 1400, height: 900, frames: 1 },
      { ladder, family: 'mobile' },
    );
    const low = files.find(({ rendition }) => rendition.tier === 'l');
    const megapixels = ((low?.rendition.pixels.width ?? 0) * (low?.rendition.pixels.height ?? 0)) / 1e6;
    const isLeast = low?.quality === ladder.quality.avif.l.least;
    expect(isLeast || (low?.data.length ?? Infinity) <= ladder.lowTierBytesPerMegapixel * megapixels).toBe(true);
    expect(low?.quality).toBeLessThan(ladder.encoders.avif.l.quality);
  });
});
