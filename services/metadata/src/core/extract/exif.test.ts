import fc from 'fast-check';
import sharp from 'sharp';
import { exifSchema } from '@darkroom/types/image';
import { exifFacts } from './exif.ts';
import { openTiff } from './tiff.ts';
import type { XmpTexts } from './xmp.ts';

type Tags = Record<string, Record<string, string>>;

const exifOf = async (tags: Tags): Promise<Buffer> => {
  const image = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });
  const { exif } = await sharp(await image.withExif(tags).jpeg().toBuffer()).metadata();
  if (exif === undefined) throw new Error('expected sharp to write EXIF');
  return exif;
};
const NO_XMP: XmpTexts = new Map();
const factsIn = (block: Buffer, xmp = NO_XMP) => exifFacts(openTiff(block), xmp, 1);
const factsOf = async (tags: Tags, xmp = NO_XMP) => factsIn(await exifOf(tags), xmp);

describe('exifFacts', () => {
  it('keeps camera and time, with the offset the camera wrote', async () => {
    const facts = await factsOf({
      IFD0: { Make: ' Canon ', Model: 'EOS 70D' },
      IFD2: { DateTimeOriginal: '2024:05:01 12:00:00', OffsetTimeOriginal: '+02:00' },
    });
    expect(facts).toEqual({ takenAt: '2024-05-01T12:00:00+02:00', make: 'Canon', model: 'EOS 70D', orientation: 1 });
  });

  it('leaves the offset out when the camera wrote none, or nonsense', async () => {
    const taken = { DateTimeOriginal: '2024:05:01 12:00:00' };
    await expect(factsOf({ IFD2: taken })).resolves.toMatchObject({ takenAt: '2024-05-01T12:00:00' });
    await expect(factsOf({ IFD2: { ...taken, OffsetTimeOriginal: 'summer' } })).resolves.toMatchObject({
      takenAt: '2024-05-01T12:00:00',
    });
  });

  it.each(['0000:00:00 00:00:00', '2024:13:01 12:00:00', '2024:02:31 12:00:00', 'yesterday', '    :  :     :  :  '])(
    'takes the date "%s" for none',
    async (DateTimeOriginal) => {
      await expect(factsOf({ IFD2: { DateTimeOriginal } })).resolves.toMatchObject({ takenAt: null });
    },
  );

  it('drops control characters from names and cuts them at 64', async () => {
    const { make, model } = await factsOf({ IFD0: { Make: 'Evil\u001b[31m\u0007Cam', Model: 'x'.repeat(300) } });
    expect(make).toBe('Evil [31m Cam');
    expect(model).toBe('x'.repeat(64));
  });

  it.each([
    ['2024-05-01T12:00:00+02:00', '2024-05-01T12:00:00+02:00'],
    ['2024-05-01T12:00:07.25Z', '2024-05-01T12:00:07+00:00'],
    ['2024-05-01T12:00', '2024-05-01T12:00:00'],
    ['2024-05-01', null],
  ])('takes the time %s of XMP where EXIF has none', async (written, taken) => {
    const xmp: XmpTexts = new Map([['createDate', [written]]]);
    await expect(factsOf({ IFD0: { Make: 'A' } }, xmp)).resolves.toMatchObject({ takenAt: taken });
  });

  it('believes EXIF rather than XMP', async () => {
    const xmp: XmpTexts = new Map([
      ['dateTimeOriginal', ['2001-01-01T00:00:00']],
      ['make', ['B']],
      ['model', ['Two']],
    ]);
    const tags = { IFD0: { Make: 'A' }, IFD2: { DateTimeOriginal: '2024:05:01 12:00:00' } };
    await expect(factsOf(tags, xmp)).resolves.toEqual({
      takenAt: '2024-05-01T12:00:00',
      make: 'A',
      model: 'Two',
      orientation: 1,
    });
  });

  it('has no place for a location', async () => {
    const facts = await factsOf({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } });
    expect(Object.keys(facts).sort()).toEqual(['make', 'model', 'orientation', 'takenAt']);
  });

  it.each([
    [undefined, 1],
    [0, 1],
    [6, 6],
    [9, 1],
    [65_535, 1],
  ])('takes orientation %s as %d', (given, orientation) => {
    expect(exifFacts(undefined, NO_XMP, given)).toEqual({ takenAt: null, make: null, model: null, orientation });
  });

  // 5,000 tags of 64 KiB each fill gigabytes in a reader that unfolds them (docs/hostile-images.md, "Cases").
  it('reads a directory of 65,535 entries in no time', () => {
    const block = Buffer.alloc(65_000, 0);
    block.write('II*\0\x08\0\0\0', 0, 'latin1');
    block.writeUInt16LE(65_535, 8);
    for (let entry = 10; entry + 12 <= block.length; entry += 12) {
      block.writeUInt16LE(0x010f, entry);
      block.writeUInt16LE(1, entry + 2);
      block.writeUInt32LE(60_000, entry + 4);
    }
    expect(factsIn(block)).toEqual({ takenAt: null, make: null, model: null, orientation: 1 });
  });

  it('never throws, whatever the block holds', async () => {
    const sound = await exifOf({ IFD0: { Make: 'A' }, IFD2: { DateTimeOriginal: '2024:05:01 12:00:00' } });
    const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 20 });
    fc.assert(
      fc.property(flips, fc.nat(sound.length), (changes, length) => {
        const damaged = Buffer.from(sound);
        for (const [at, value] of changes) damaged[at] = value;
        expect(exifSchema.safeParse(factsIn(damaged.subarray(0, length))).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
