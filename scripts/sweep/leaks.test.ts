import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { attachGainMap } from '../../packages/imaging/src/gain-map/index.ts';
import { leaksIn } from './leaks.ts';

// A photograph with EXIF, XMP and a profile: what must not be left in a rendition is all there.
const original = readFileSync(
  new URL('../../services/variants/test/fixtures/paris_icc_exif_xmp.avif', import.meta.url),
);
const exif = { IFD0: { Copyright: 'somebody' } };
const blank = () => sharp({ create: { width: 16, height: 16, channels: 3, background: '#369' } });
const leaky = (image: Sharp) => image.withExif(exif).withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');

describe('leaksIn', () => {
  it.each([
    ['jpeg', blank().jpeg()],
    ['jpeg', blank().withIccProfile('p3').jpeg({ progressive: true })],
    ['webp', blank().webp()],
    ['webp', blank().withIccProfile('p3').ensureAlpha(0.5).webp()],
    ['avif', blank().avif({ effort: 0 })],
    ['avif', blank().withIccProfile('p3').ensureAlpha(0.5).avif({ effort: 0 })],
  ] as const)('finds nothing in a %s of pixels and a profile', async (format, image) => {
    expect(leaksIn(await image.toBuffer(), format)).toEqual([]);
  });

  it.each([
    ['jpeg', leaky(blank()).jpeg(), ['APP1', 'the word "Exif\0\0"']],
    ['webp', leaky(blank()).webp(), ['chunk EXIF', 'chunk XMP ']],
    ['avif', leaky(blank()).avif({ effort: 0 }), ['item Exif', 'item mime', 'reference cdsc']],
  ] as const)('finds what a %s carries besides', async (format, image, leaks) => {
    const found = leaksIn(await image.toBuffer(), format);
    for (const leak of leaks) expect(found).toContain(leak);
  });

  it('takes a gain map for one, and finds what the map carries besides', async () => {
    const iso = Buffer.alloc(61);
    const [picture, map] = [await blank().jpeg().toBuffer(), await blank().greyscale().jpeg().toBuffer()];
    expect(leaksIn(attachGainMap(picture, { jpeg: map, iso }), 'jpeg')).toEqual([]);
    const leaking = await leaky(blank()).jpeg().toBuffer();
    expect(leaksIn(attachGainMap(picture, { jpeg: leaking, iso }), 'jpeg')).toContain('APP1');
    // Any other second picture is bytes behind the end.
    expect(leaksIn(Buffer.concat([picture, leaking]), 'jpeg')).not.toEqual([]);
  });

  it('finds EXIF and XMP in an original', () => {
    expect(leaksIn(original, 'avif')).toEqual(expect.arrayContaining(['item Exif', 'item mime']));
  });

  it('finds bytes behind the end, a comment, and a thumbnail in JFIF', async () => {
    const jpeg = await blank().jpeg().toBuffer();
    const comment = Buffer.concat([jpeg.subarray(0, 2), Buffer.from('\xff\xfe\0\x04hi', 'latin1'), jpeg.subarray(2)]);
    const jfif = Buffer.concat([
      jpeg.subarray(0, 2),
      Buffer.from('\xff\xe0\0\x13JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01abc', 'latin1'),
      jpeg.subarray(2),
    ]);
    expect(leaksIn(Buffer.concat([jpeg, Buffer.from('<script>')]), 'jpeg')).toEqual([
      'bytes behind the end of the image',
    ]);
    expect(leaksIn(comment, 'jpeg')).toEqual(['a comment']);
    expect(leaksIn(jfif, 'jpeg')).toEqual(['a thumbnail in JFIF']);
  });
});
