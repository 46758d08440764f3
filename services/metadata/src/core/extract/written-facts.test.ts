import { captureSchema, creditSchema, placeSchema } from '@darkroom/types/image';
import fc from 'fast-check';
import sharp from 'sharp';
import { writtenFacts } from './written-facts.ts';

type Tags = Record<string, Record<string, string>>;

const exifOf = async (tags: Tags): Promise<Buffer> => {
  const image = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });
  const { exif } = await sharp(await image.withExif(tags).jpeg().toBuffer()).metadata();
  if (exif === undefined) throw new Error('expected sharp to write EXIF');
  return exif;
};
const dataset = (id: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([0x1c, 2, id, 0, Buffer.byteLength(text)]), Buffer.from(text)]);
const xmpOf = (properties: string): Buffer =>
  Buffer.from(
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" ' +
      'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/">' +
      `<rdf:Description>${properties}</rdf:Description></rdf:RDF>`,
  );
const nothing = { exif: undefined, iptc: undefined, xmp: undefined, orientation: 1 };
const fromExif = async (tags: Tags, gps: 'drop' | 'coarse' | 'keep' = 'drop') =>
  writtenFacts({ ...nothing, exif: await exifOf(tags) }, gps);

const GPS = {
  GPSLatitudeRef: 'S',
  GPSLatitude: '33/1 51/1 2455/100',
  GPSLongitudeRef: 'E',
  GPSLongitude: '151/1 12/1 3954/100',
};

describe('how it was taken', () => {
  it('is read from EXIF', async () => {
    const { capture } = await fromExif({
      IFD2: {
        LensModel: 'EF50mm f/1.8 STM',
        ExposureTime: '1/60',
        FNumber: '32/10',
        ISOSpeedRatings: '400',
        FocalLength: '50/1',
        FocalLengthIn35mmFilm: '80',
        Flash: '24',
      },
    });
    expect(captureSchema.parse(capture)).toEqual({
      lens: 'EF50mm f/1.8 STM',
      exposureSeconds: 0.0166667,
      fNumber: 3.2,
      iso: 400,
      focalLength: 50,
      focalLength35: 80,
      flash: false,
    });
  });

  it.each([
    ['a zoom', '24/1 70/1 28/10 28/10', '24-70mm f/2.8'],
    ['a zoom that darkens', '18/1 55/1 35/10 56/10', '18-55mm f/3.5-5.6'],
    ['a prime of unknown aperture', '35/1 35/1 0/0 0/0', '35mm'],
    ['nonsense', '0/0 0/0 0/0 0/0', null],
  ])('names %s by its specification', async (_name, LensSpecification, lens) => {
    const { capture } = await fromExif({ IFD2: { LensSpecification, Flash: '1' } });
    expect(capture).toMatchObject({ lens, flash: true });
  });

  it('takes the lens from XMP where EXIF has none', () => {
    const { capture } = writtenFacts({ ...nothing, xmp: xmpOf('<aux:Lens>50mm f/1.4G</aux:Lens>') }, 'drop');
    expect(capture).toMatchObject({ lens: '50mm f/1.4G', iso: null });
  });

  it('is unknown, not infinite, where a fraction is over 0', async () => {
    const { capture } = await fromExif({ IFD2: { ExposureTime: '1/0', FNumber: '0/1', ISOSpeedRatings: '0' } });
    expect(capture).toBeUndefined();
  });
});

describe('whose it is', () => {
  const iptc = Buffer.concat([
    dataset(80, 'Ida'),
    dataset(25, 'iptc'),
    dataset(25, 'iptc'),
    dataset(120, 'OLYMPUS DIGITAL CAMERA'),
  ]);
  const xmp = xmpOf(
    '<dc:creator><rdf:Seq><rdf:li>Xena</rdf:li></rdf:Seq></dc:creator><dc:rights>© Xena</dc:rights>' +
      '<dc:subject><rdf:Bag><rdf:li>xmp</rdf:li></rdf:Bag></dc:subject>',
  );
  const tags = { IFD0: { Artist: 'Eve', Copyright: '© Eve', ImageDescription: 'A harbour' } };

  it('comes from IPTC, then XMP, then EXIF, field by field', async () => {
    const { credit } = writtenFacts({ exif: await exifOf(tags), iptc, xmp, orientation: 1 }, 'drop');
    expect(creditSchema.parse(credit)).toEqual({
      title: null,
      caption: 'A harbour',
      creator: 'Ida',
      copyright: '© Xena',
      credit: null,
      keywords: ['iptc'],
    });
  });

  it.each(['OLYMPUS DIGITAL CAMERA         ', 'SONY DSC', 'default'])(
    'is not told by the camera: %s',
    async (ImageDescription) => {
      await expect(fromExif({ IFD0: { ImageDescription } })).resolves.not.toHaveProperty('credit');
    },
  );

  it('is cut to the limits of the contract', () => {
    const words = Array.from({ length: 60 }, (_, n) => `<rdf:li>${String(n).repeat(99)}</rdf:li>`).join('');
    const long = xmpOf(`<dc:subject><rdf:Bag>${words}</rdf:Bag></dc:subject><dc:title>${'t'.repeat(999)}</dc:title>`);
    const { credit } = writtenFacts({ ...nothing, xmp: long }, 'drop');
    expect(creditSchema.parse(credit)).toMatchObject({ title: 't'.repeat(256) });
    expect(credit?.keywords).toHaveLength(32);
  });
});

describe('where it was taken', () => {
  it.each([
    ['drop', undefined],
    ['coarse', { latitude: -33.9, longitude: 151.2 }],
    ['keep', { latitude: -33.856819, longitude: 151.210983 }],
  ] as const)('is what the policy %s leaves of it', async (policy, place) => {
    const facts = await fromExif({ IFD0: { Make: 'A' }, IFD3: GPS }, policy);
    expect(facts.place).toEqual(place);
    if (policy === 'drop') expect(JSON.stringify(facts)).not.toMatch(/33|151|GPS/);
  });

  it.each([
    ['without a hemisphere', { ...GPS, GPSLatitudeRef: 'X' }],
    ['beyond the pole', { ...GPS, GPSLatitude: '91/1 0/1 0/1' }],
    ['over 0', { ...GPS, GPSLongitude: '1/0 0/1 0/1' }],
    ['of a receiver without satellites', { ...GPS, GPSLatitude: '0/1 0/1 0/1', GPSLongitude: '0/1 0/1 0/1' }],
  ])('is unknown %s', async (_name, IFD3) => {
    await expect(fromExif({ IFD3 }, 'keep')).resolves.not.toHaveProperty('place');
  });
});

describe('hostile blocks', () => {
  const sound = exifOf({
    IFD0: { Artist: 'Eve', ImageDescription: 'd'.repeat(300) },
    IFD2: { LensModel: 'L', ExposureTime: '1/60', LensSpecification: '24/1 70/1 28/10 28/10' },
    IFD3: GPS,
  });

  it('give facts within the contract, or none', async () => {
    const exif = await sound;
    const flips = fc.array(fc.tuple(fc.nat(exif.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 30 });
    fc.assert(
      fc.property(flips, fc.nat(exif.length), (changes, length) => {
        const damaged = Buffer.from(exif);
        for (const [at, value] of changes) damaged[at] = value;
        const facts = writtenFacts({ ...nothing, exif: damaged.subarray(0, length) }, 'keep');
        expect(captureSchema.optional().safeParse(facts.capture).success).toBe(true);
        expect(creditSchema.optional().safeParse(facts.credit).success).toBe(true);
        expect(placeSchema.optional().safeParse(facts.place).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
