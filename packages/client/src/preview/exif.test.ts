import fc from 'fast-check';
import sharp from 'sharp';
import { orientationOf, rewriteExif } from './exif.ts';
import { exifSegment, findExif, jpegSize } from './jpeg.ts';
import { numberOf, openTiff, readTable, type Tag, writeTiff } from './tiff.ts';

const GPS = 0x8825;
const EXIF = 0x8769;
const SIZE = { width: 30, height: 20 };

const photo = (withExif: Parameters<ReturnType<typeof sharp>['withExif']>[0], orientation = 6) =>
  sharp({ create: { width: 60, height: 40, channels: 3, background: '#804020' } })
    .withExif(withExif)
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer();

const withPlace = {
  IFD0: { Make: 'Darkroom', Model: 'Test Phone' },
  IFD2: { DateTimeOriginal: '2026:11:23 12:00:00', LensModel: 'a lens' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1', GPSDateStamp: '2026:11:23' },
};

const insert = (jpeg: Buffer, tiff: Uint8Array): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), exifSegment(tiff) ?? Buffer.alloc(0), jpeg.subarray(2)]);

const idsOf = (tiff: Uint8Array, pointer?: number): number[] => {
  const opened = openTiff(tiff)!;
  const main = readTable(opened, opened.first);
  if (pointer === undefined) return main.map(({ id }) => id);
  const tag = main.find(({ id }) => id === pointer);
  return tag === undefined ? [] : readTable(opened, numberOf(opened, tag)!).map(({ id }) => id);
};

describe('EXIF of a photograph', () => {
  it('keeps camera, lens and time, turns the orientation to 1, and drops the place and the thumbnail', async () => {
    const exif = findExif(await photo(withPlace))!;
    expect(orientationOf(exif)).toBe(6);

    const rewritten = rewriteExif(exif, { ...SIZE, gps: false })!;

    expect(orientationOf(rewritten)).toBe(1);
    expect(idsOf(rewritten)).not.toContain(GPS);
    const text = Buffer.from(rewritten).toString('latin1');
    expect(text).toContain('Test Phone');
    expect(text).toContain('a lens');
    expect(text).toContain('2026:11:23 12:00:00');
    expect(Buffer.from(rewritten).includes(Buffer.from('2026:11:23\0'))).toBe(false);
  });

  it('keeps the place when asked to', async () => {
    const exif = findExif(await photo(withPlace))!;
    const rewritten = rewriteExif(exif, { ...SIZE, gps: true })!;
    expect(idsOf(rewritten, GPS)).toEqual(idsOf(exif, GPS));
  });

  it('is read by libvips in the new file, upright and with the new sides', async () => {
    const rewritten = rewriteExif(findExif(await photo(withPlace))!, { ...SIZE, gps: false })!;
    const plain = await sharp({ create: { ...SIZE, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();

    const meta = await sharp(insert(plain, rewritten)).metadata();

    expect(meta).toMatchObject({ ...SIZE, orientation: 1 });
    expect(meta.exif?.includes('Test Phone')).toBe(true);
    expect(jpegSize(insert(plain, rewritten))).toEqual(SIZE);
    expect(idsOf(rewritten, EXIF)).toEqual(expect.arrayContaining([0xa002, 0xa003]));
  });

  it('has nothing to keep of a file without EXIF', async () => {
    const plain = await sharp({ create: { ...SIZE, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    expect(findExif(plain)).toBeNull();
    expect(orientationOf(null)).toBe(1);
  });
});

/** Tags of any content, as a camera might write them; ids below those with a meaning to us. */
const tag: fc.Arbitrary<Tag> = fc
  .record({ id: fc.integer({ min: 1, max: 0xff }), bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) })
  .map(({ id, bytes }) => ({ id, type: 7, count: bytes.length, bytes }));
const tags = fc.uniqueArray(tag, { selector: ({ id }) => id, minLength: 1, maxLength: 20 });

describe('tag tables', () => {
  it('come back as they were written, in either byte order', () => {
    fc.assert(
      fc.property(fc.boolean(), tags, tags, (little, main, exif) => {
        const opened = openTiff(writeTiff(little, main, new Map([[EXIF, exif]])))!;

        const read = readTable(opened, opened.first);
        const pointer = read.find(({ id }) => id === EXIF);
        const nested = readTable(opened, numberOf(opened, pointer)!);

        const plain = (list: readonly Tag[]) =>
          list.map(({ id, bytes }) => [id, [...bytes]] as const).toSorted(([a], [b]) => a - b);
        expect(plain(read.filter(({ id }) => id !== EXIF))).toEqual(plain(main));
        expect(plain(nested)).toEqual(plain(exif));
      }),
    );
  });

  it('never carry a place that was not asked for, whatever else there is', () => {
    fc.assert(
      fc.property(fc.boolean(), tags, (little, main) => {
        const secret = Uint8Array.from(Buffer.from('52 degrees 31 minutes'));
        const place: Tag = { id: 2, type: 7, count: secret.length, bytes: secret };
        const exif = writeTiff(little, main, new Map([[GPS, [place]]]));

        const rewritten = rewriteExif(exif, { ...SIZE, gps: false })!;

        expect(Buffer.from(rewritten).includes(Buffer.from(secret))).toBe(false);
        expect(orientationOf(rewritten)).toBe(1);
      }),
    );
  });

  it('are read or refused without an exception, whatever the bytes', async () => {
    const exif = Uint8Array.from(findExif(await photo(withPlace))!);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: exif.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.integer({ min: 0, max: exif.length }),
        (edits, length) => {
          const damaged = exif.slice(0, length);
          for (const [at, value] of edits) damaged[at] = value;
          const rewritten = rewriteExif(damaged, { ...SIZE, gps: true });
          if (rewritten !== null) expect(orientationOf(rewritten)).toBe(1);
        },
      ),
      { numRuns: 500 },
    );
  });
});
