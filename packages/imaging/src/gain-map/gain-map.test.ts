import fc from 'fast-check';
import sharp from 'sharp';
import { attachGainMap } from './attach-gain-map.ts';
import { isoOfXmp, readIso } from './iso-metadata.ts';
import { readGainMap } from './read-gain-map.ts';
import { segment, segmentsOf, withSegments } from '../jpeg-segments.ts';

const plain = (width: number): Promise<Buffer> =>
  sharp({ create: { width, height: 8, channels: 3, background: '#808080' } })
    .jpeg()
    .toBuffer();
const attributes = (more = ''): string =>
  `<rdf:Description hdrgm:Version="1.0" hdrgm:GainMapMax="2.5" hdrgm:HDRCapacityMax="2.5" ${more}/>`;
const numbersIn = (iso: Buffer | undefined): number[] =>
  Array.from({ length: ((iso?.length ?? 5) - 5) / 8 }, (_, index) => (iso?.readInt32BE(5 + 8 * index) ?? 0) / 1e6);

describe('isoOfXmp', () => {
  it('writes the numbers of the attributes, and those that are left out as they are meant then', () => {
    const iso = isoOfXmp(attributes('hdrgm:Gamma="0.8"'));
    expect(iso?.[4]).toBe(0x40);
    expect(numbersIn(iso)).toEqual([0, 2.5, 0, 2.5, 0.8, 0.015625, 0.015625]);
  });

  it('writes three channels where one number is given for each', () => {
    const seq =
      '<hdrgm:GainMapMax><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2</rdf:li><rdf:li>3</rdf:li></rdf:Seq></hdrgm:GainMapMax>';
    const iso = isoOfXmp(`<rdf:Description hdrgm:HDRCapacityMax="3">${seq}</rdf:Description>`);
    expect(iso?.[4]).toBe(0xc0);
    expect([3, 8, 13].map((at) => numbersIn(iso)[at])).toEqual([1, 2, 3]);
  });

  it.each([
    ['no map', '<rdf:Description dc:title="hdr"/>'],
    ['no numbers', attributes().replace('"2.5"', '"bright"')],
    ['numbers that are none of this world', attributes().replace('"2.5"', '"1e9"')],
    ['a picture whose ordinary half is the HDR one', attributes('hdrgm:BaseRenditionIsHDR="True"')],
  ])('is undefined for %s', (_name, xmp) => {
    expect(isoOfXmp(xmp)).toBeUndefined();
  });
});

describe('readIso', () => {
  it('cuts off what stands behind the metadata, and takes no other version or half of it', () => {
    const iso = isoOfXmp(attributes()) ?? Buffer.alloc(0);
    expect(readIso(Buffer.concat([iso, Buffer.from('somebody')]))).toEqual(iso);
    expect(readIso(iso.subarray(0, 40))).toBeUndefined();
    expect(readIso(Buffer.concat([Buffer.from([0, 1]), iso.subarray(2)]))).toBeUndefined();
  });
});

describe('a gain map', () => {
  it('comes back as it was attached, and its picture begins as before', async () => {
    const [picture, jpeg] = [await plain(64), await plain(16)];
    const iso = isoOfXmp(attributes()) ?? Buffer.alloc(0);
    const both = attachGainMap(picture, { jpeg, iso });
    const found = readGainMap(both);
    expect(found?.iso).toEqual(iso);
    expect((await sharp(found?.jpeg).metadata()).width).toBe(16);
    const names = [...segmentsOf(both)].map(({ data }) => data.toString('latin1', 0, 3));
    expect(names.slice(0, 2)).toEqual(['urn', 'MPF']);
  });

  it('is found by the XMP of version 1 of Ultra HDR', async () => {
    const xmp = Buffer.from(`http://ns.adobe.com/xap/1.0/\0${attributes()}`, 'latin1');
    const map = withSegments(await plain(16), [segment(0xe1, xmp)]);
    const both = attachGainMap(await plain(64), { jpeg: map, iso: Buffer.alloc(0) });
    expect(numbersIn(readGainMap(both)?.iso)).toEqual([0, 2.5, 0, 2.5, 1, 0.015625, 0.015625]);
  });

  it('stands behind JFIF, which is the first of all', async () => {
    const jfif = segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'));
    const [picture, jpeg] = [withSegments(await plain(64), [jfif]), await plain(16)];
    const both = attachGainMap(picture, { jpeg, iso: isoOfXmp(attributes()) ?? Buffer.alloc(0) });
    expect([...segmentsOf(both)].map(({ marker }) => marker).slice(0, 3)).toEqual([0xe0, 0xe2, 0xe2]);
    expect(readGainMap(both)).toBeDefined();
  });

  it('is none in a JPEG without one, or with a second picture that is something else', async () => {
    const [picture, preview] = [await plain(64), await plain(16)];
    expect(readGainMap(picture)).toBeUndefined();
    expect(readGainMap(attachGainMap(picture, { jpeg: preview, iso: Buffer.alloc(0) }))).toBeUndefined();
  });

  it('is looked for in any bytes without an error', async () => {
    const iso = isoOfXmp(attributes()) ?? Buffer.alloc(0);
    const sound = attachGainMap(await plain(64), { jpeg: await plain(16), iso });
    const changed = fc
      .array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 12 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.fill(value, at, at + 1), Buffer.from(sound)));
    const cut = fc.nat(sound.length).map((length) => sound.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(changed, cut, fc.uint8Array().map(Buffer.from)), (bytes) => {
        expect(() => readGainMap(Buffer.from(bytes))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
