import fc from 'fast-check';
import { readIptc } from './iptc.ts';

const dataset = (record: number, id: number, value: Buffer): Buffer => {
  const head = Buffer.from([0x1c, record, id, 0, 0]);
  head.writeUInt16BE(value.length, 3);
  return Buffer.concat([head, value]);
};
const resource = (id: number, data: Buffer): Buffer => {
  const head = Buffer.from([0x38, 0x42, 0x49, 0x4d, id >> 8, id & 0xff, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(data.length, 8);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
};
const photoshop = (...resources: Buffer[]) => Buffer.concat([Buffer.from('Photoshop 3.0\0', 'latin1'), ...resources]);
const UTF8 = dataset(1, 90, Buffer.from('\u001b%G', 'latin1'));

describe('readIptc', () => {
  it("finds its texts among Photoshop's resources, repeated ones in order", () => {
    const iim = Buffer.concat([
      dataset(2, 25, Buffer.from('sea')),
      dataset(2, 120, Buffer.from('A caption')),
      dataset(2, 25, Buffer.from('boats')),
    ]);
    const block = photoshop(
      resource(0x0425, Buffer.from('odd')),
      resource(0x0404, iim),
      resource(0x03ed, Buffer.alloc(16)),
    );
    const texts = readIptc(block);
    expect(texts.get(25)).toEqual(['sea', 'boats']);
    expect(texts.get(120)).toEqual(['A caption']);
  });

  it.each([
    ['UTF-8 as 1:90 says', [UTF8], 'utf8', 'Zoë 写真'],
    ['UTF-8 that nobody announced', [], 'utf8', 'Zoë 写真'],
    ['Latin-1', [], 'latin1', 'Zoë'],
    ['Latin-1 as 1:90 says', [dataset(1, 90, Buffer.from('\u001b.A', 'latin1'))], 'latin1', 'Ã«'],
  ] as const)('reads %s', (_name, envelope, encoding, text) => {
    const block = Buffer.concat([...envelope, dataset(2, 80, Buffer.from(text, encoding))]);
    expect(readIptc(block).get(80)).toEqual([text]);
  });

  it('stops at what is longer than the block', () => {
    const block = Buffer.concat([dataset(2, 5, Buffer.from('kept')), Buffer.from([0x1c, 2, 80, 0x7f, 0xff, 0x41])]);
    expect(readIptc(block)).toEqual(new Map([[5, ['kept']]]));
  });

  it('keeps 64 of a million keywords', () => {
    const block = Buffer.concat(Array.from({ length: 100_000 }, () => dataset(2, 25, Buffer.from('x'))));
    expect(readIptc(block).get(25)).toHaveLength(64);
  });

  it('never throws, whatever the block holds', () => {
    const sound = photoshop(
      resource(0x0404, Buffer.concat([UTF8, dataset(2, 5, Buffer.from('a')), dataset(2, 25, Buffer.from('b'))])),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readIptc(Buffer.from(bytes)) instanceof Map));
    fc.assert(
      fc.property(
        fc.nat(sound.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(sound.length),
        (at, value, length) => {
          const damaged = Buffer.from(sound);
          damaged[at] = value;
          return readIptc(damaged.subarray(0, length)) instanceof Map;
        },
      ),
      { numRuns: 500 },
    );
  });
});
