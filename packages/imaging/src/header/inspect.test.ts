import { limits } from '@darkroom/types/limits';
import fc from 'fast-check';
import sharp from 'sharp';
import { exifOf, fixture, gifOf, jpegOf, jpegSegment, pngChunk, pngOf, webpOf } from '../../test/support/bytes.ts';
import { inspect } from './inspect.ts';
import type { Parsed } from './outcome.ts';

const whole = (bytes: Buffer): Parsed => inspect(bytes, bytes.length, limits.validate);
const header = (bytes: Buffer) => {
  const parsed = whole(bytes);
  return parsed.kind === 'header' ? parsed.header : parsed;
};
const rejected = (code: string) => ({ kind: 'reject', code });

const picture = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: 37, height: 23, channels, background: { r: 200, g: 90, b: 10, alpha: 0.5 } } });

describe('headers of sound pictures', () => {
  it.each([
    ['a baseline JPEG', picture().jpeg()],
    ['a progressive JPEG', picture().jpeg({ progressive: true })],
    ['a grey JPEG', picture().greyscale().toColourspace('b-w').jpeg()],
    ['a CMYK JPEG', picture().toColourspace('cmyk').jpeg()],
    ['a JPEG lying on its side', picture().withMetadata({ orientation: 6 }).jpeg()],
    ['a PNG', picture().png()],
    ['an interlaced PNG with alpha', picture(4).png({ progressive: true })],
    ['a 16-bit PNG', picture().toColourspace('rgb16').png()],
    ['a lossy WebP', picture().webp()],
    ['a lossless WebP with alpha', picture(4).webp({ lossless: true })],
    ['a WebP lying on its side', picture().withMetadata({ orientation: 8 }).webp()],
    ['a GIF', picture().gif()],
    ['an AVIF', picture().avif({ effort: 0 })],
    ['an AVIF with alpha', picture(4).avif({ effort: 0 })],
  ])('of %s are what the decoder says', async (_name, image) => {
    const bytes = await image.toBuffer();
    const expected = await sharp(bytes).metadata();
    expect(header(bytes)).toEqual({
      format: expected.format === 'heif' ? 'avif' : expected.format,
      width: 37,
      height: 23,
      orientation: expected.orientation ?? 1,
      frames: 1,
      progressive: expected.isProgressive,
      hasAlpha: expected.hasAlpha,
      channels: expected.channels,
    });
  });

  it.each([
    ['abc_color_irot_alpha_irot.avif', { format: 'avif', width: 256, height: 512, hasAlpha: true, orientation: 1 }],
    ['paris_icc_exif_xmp.avif', { format: 'avif', width: 403, height: 302, hasAlpha: false, orientation: 1 }],
    ['colors-animated-8bpc.avif', { format: 'avif', width: 150, height: 150, frames: 1 }],
    [
      'cheers_1440x960.heic',
      { format: 'heic', width: 1440, height: 960, hasAlpha: false, orientation: 1, channels: 3 },
    ],
    ['pngsuite__basi3p01.png', { format: 'png', width: 32, height: 32, progressive: true, channels: 3 }],
    ['pngsuite__tbgn3p08.png', { format: 'png', width: 32, height: 32, hasAlpha: true, channels: 4 }],
    ['muybridge.apng', { format: 'png', width: 30, height: 20, frames: 1 }],
    ['hippopotamus-bad-comment-length.jpeg', { format: 'jpeg', width: 36, height: 28 }],
  ])('of %s are read', (name, facts) => {
    expect(header(fixture(name))).toMatchObject(facts);
  });

  it.each([
    [0, 1],
    [1, 1],
    [6, 6],
    [8, 8],
    [9, 1],
    [65535, 1],
  ])('take EXIF orientation %d as %d', (written, read) => {
    const exif = exifOf(written);
    const jpeg = jpegOf({}, [
      jpegSegment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1')),
      jpegSegment(0xe1, exif),
    ]);
    const webp = webpOf({ flags: 0x08 }, [
      ['VP8 ', Buffer.alloc(20)],
      ['EXIF', exif],
    ]);
    const png = Buffer.concat([
      pngOf(4, 4).subarray(0, 33),
      pngChunk('eXIf', exif.subarray(6)),
      pngChunk('IDAT', Buffer.alloc(4)),
    ]);
    expect([jpeg, webp, png].map((bytes) => header(bytes))).toEqual(
      [jpeg, webp, png].map(() => expect.objectContaining({ orientation: read })),
    );
  });

  it('of a lossless WebP of one colour are read, though it is 28 bytes long', async () => {
    const webp = await sharp({ create: { width: 100, height: 100, channels: 3, background: '#102030' } })
      .webp({ lossless: true, effort: 6 })
      .toBuffer();
    expect(webp.length).toBeLessThan(45);
    // The shortest that libwebp writes (RFC 9649, 3.4): signature, sides, and a few bits of one colour.
    const tiny = Buffer.concat([webp.subarray(0, 25), Buffer.alloc(3)]);
    tiny.writeUInt32LE(tiny.length - 8, 4);
    expect(header(tiny)).toMatchObject({ format: 'webp', width: 100, height: 100 });
  });

  it('count frames', () => {
    const frames = Array.from({ length: 3 }, () => ['ANMF', Buffer.alloc(24)] as const);
    expect(header(gifOf(3))).toMatchObject({ frames: 3 });
    expect(header(webpOf({ flags: 0x02 }, frames))).toMatchObject({ frames: 3 });
  });
});

describe('refusals', () => {
  // docs/hostile-images.md, "Cases": each dies at the header, with the bytes of a header alone.
  it.each([
    ['a PNG of 8,388,609 × 3', pngOf(8_388_609, 3), 'TOO_LARGE'],
    ['a PNG of 1 × 50,000,000', pngOf(1, 50_000_000), 'TOO_LARGE'],
    ['a PNG of 2,147,483,647 squared', pngOf(2_147_483_647, 2_147_483_647), 'TOO_LARGE'],
    ['a PNG over 100 megapixels', pngOf(10_001, 10_000), 'TOO_LARGE'],
    ['an interlaced PNG over 50 megapixels', pngOf(10_000, 5_001, { interlace: 1 }), 'TOO_LARGE'],
    ['a WebP of 16,383 squared', webpOf({ width: 16_383, height: 16_383 }), 'TOO_LARGE'],
    ['a GIF screen of 65,535 squared', gifOf(1, 65_535, 65_535), 'TOO_LARGE'],
    ['a JPEG of 65,500 squared', jpegOf({ width: 65_500, height: 65_500 }), 'TOO_LARGE'],
    ['a progressive JPEG over 100 megapixels', jpegOf({ width: 10_001, height: 10_000, marker: 0xc2 }), 'TOO_LARGE'],
    ['a GIF of 50,000 frames', gifOf(50_000), 'TOO_MANY_FRAMES'],
    ['a JPEG of ten channels', jpegOf({ components: 10 }), 'TOO_MANY_CHANNELS'],
    ['a JPEG without lines', jpegOf({ height: 0 }), 'CORRUPT_HEADER'],
    ['a PNG without columns', pngOf(0, 5), 'CORRUPT_HEADER'],
    ['a PNG of an unknown colour type', pngOf(5, 5, { colourType: 5 }), 'CORRUPT_HEADER'],
    ['a lossless JPEG', jpegOf({ marker: 0xc3 }), 'UNSUPPORTED_FEATURE'],
    ['a 12-bit JPEG', jpegOf({ precision: 12 }), 'UNSUPPORTED_FEATURE'],
    [
      'a JPEG that scans before its frame',
      Buffer.from('\xff\xd8\xff\xda\0\x02\0\0\0\0\0\0', 'latin1'),
      'CORRUPT_HEADER',
    ],
    ['start of image only', Buffer.from('\xff\xd8\xff', 'latin1'), 'TRUNCATED_OR_CORRUPT'],
    ['ftyp only', Buffer.from('\0\0\0\x14ftypavif\0\0\0\0mif1', 'latin1'), 'TRUNCATED_OR_CORRUPT'],
  ])('of %s', (_name, bytes, code) => {
    expect(whole(bytes)).toEqual(rejected(code));
  });

  it('keep what is just within the limits', () => {
    expect(header(jpegOf({ width: 20_000, height: 12_500 }))).toMatchObject({ width: 20_000, height: 12_500 });
    expect(header(pngOf(1, 20_000))).toMatchObject({ width: 1, height: 20_000 });
    expect(header(gifOf(200))).toMatchObject({ frames: 200 });
  });

  it('count 20,000 WebP frames without opening one', () => {
    const frames = Array.from({ length: 20_000 }, () => ['ANMF', Buffer.alloc(24)] as const);
    expect(whole(webpOf({ flags: 0x02 }, frames))).toEqual(rejected('TOO_MANY_FRAMES'));
  });

  it('find a WebP that is cut off by its own length, before anything behind its header is read', async () => {
    const webp = await picture().webp().toBuffer();
    expect(inspect(webp.subarray(0, 40), webp.length - 1, limits.validate)).toEqual(rejected('TRUNCATED_OR_CORRUPT'));
    expect(inspect(webp.subarray(0, 40), webp.length, limits.validate)).toMatchObject({ kind: 'header' });
  });
});

describe('parts of a file', () => {
  it('ask for more until the header is there', () => {
    const profile = jpegSegment(0xe2, Buffer.alloc(60_000));
    const jpeg = jpegOf({}, [profile, profile]);
    expect(inspect(jpeg.subarray(0, 65_536), jpeg.length, limits.validate)).toEqual({ kind: 'more' });
    expect(inspect(jpeg, 1_000_000, limits.validate)).toMatchObject({ kind: 'header' });
  });

  it('need all of an animation, whose frames are counted', () => {
    const gif = gifOf(5);
    expect(inspect(gif.subarray(0, 40), gif.length, limits.validate)).toEqual({ kind: 'more' });
  });

  it('never throw and never ask for more than there is, whatever the bytes', async () => {
    const seeds = [
      jpegOf({}, [jpegSegment(0xe1, exifOf(6))]),
      pngOf(4, 4),
      gifOf(2),
      webpOf({ flags: 0x0a }, [
        ['ANMF', Buffer.alloc(24)],
        ['EXIF', exifOf(3)],
      ]),
      await picture().webp({ lossless: true }).toBuffer(),
      fixture('abc_color_irot_alpha_irot.avif').subarray(0, 900),
      fixture('iphone-head.heic'),
      fixture('cheers_1440x960.heic').subarray(0, 600),
    ];
    const damage = fc.record({
      seed: fc.constantFrom(...seeds),
      length: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 6,
      }),
    });
    fc.assert(
      fc.property(damage, ({ seed, length, flips }) => {
        const bytes = Buffer.from(seed.subarray(0, Math.ceil(seed.length * length)));
        for (const [at, value] of flips) if (bytes.length > 0) bytes[Math.floor(at * bytes.length)] = value;
        expect(['header', 'reject']).toContain(whole(bytes).kind);
        expect(['header', 'reject', 'more']).toContain(inspect(bytes, bytes.length + 1, limits.validate).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});
