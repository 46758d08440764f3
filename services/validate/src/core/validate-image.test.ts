import { limits } from '@darkroom/types/limits';
import { fixture, gifOf, jpegOf, jpegSegment, pngOf } from '../../../../packages/imaging/test/support/bytes.ts';
import { validateImage } from './validate-image.ts';

/** A store of one object that remembers the ranges it was asked for. */
const storeOf = (object: Buffer) => {
  const ranges: [number, number][] = [];
  return {
    ranges,
    ports: {
      limits,
      readRange: (_object: unknown, start: number, end: number) => {
        ranges.push([start, end]);
        return Promise.resolve(object.subarray(start, end + 1));
      },
    },
  };
};
const at = (bytes: number) => ({ bucket: 'originals', key: 'originals/00/x/source', bytes });
const padded = (header: Buffer, length: number) => Buffer.concat([header, Buffer.alloc(length - header.length)]);

describe('validateImage', () => {
  it('reads 64 KiB of a photograph and no more', async () => {
    const photo = padded(jpegOf({ width: 4032, height: 3024 }), 3_000_000);
    const { ports, ranges } = storeOf(photo);
    const result = await validateImage(ports, at(photo.length));
    expect(result).toMatchObject({ verdict: 'accepted', header: { format: 'jpeg', width: 4032, height: 3024 } });
    expect(ranges).toEqual([[0, 65_535]]);
  });

  it('reads on, once and without repeating itself, when large blocks push the header back', async () => {
    const block = jpegSegment(0xe2, Buffer.alloc(65_000));
    const photo = padded(jpegOf({}, [block, block, block]), 3_000_000);
    const { ports, ranges } = storeOf(photo);
    await expect(validateImage(ports, at(photo.length))).resolves.toMatchObject({ verdict: 'accepted' });
    expect(ranges).toEqual([
      [0, 65_535],
      [65_536, 1_048_575],
    ]);
  });

  it('reads a whole animation to count its frames', async () => {
    const gif = gifOf(150);
    const long = Buffer.concat([gif.subarray(0, -1), Buffer.alloc(2_000_000), gif.subarray(-1)]);
    const { ports, ranges } = storeOf(long);
    await expect(validateImage(ports, at(long.length))).resolves.toMatchObject({ header: { frames: 150 } });
    expect(ranges.at(-1)).toEqual([1_048_576, long.length - 1]);
  });

  describe('of a HEIC whose header stands behind its pixels', () => {
    // As Samsung's phones write it: ftyp (32 bytes), mdat, meta.
    const head = fixture('iphone-head.heic');
    const pixels = Buffer.alloc(1_500_000, 0x55);
    const box = Buffer.from('\0\0\0\0mdat', 'latin1');
    box.writeUInt32BE(pixels.length + 8);
    const photo = Buffer.concat([head.subarray(0, 32), box, pixels, head.subarray(32)]);

    it('reads the beginning and the end', async () => {
      const { ports, ranges } = storeOf(photo);
      const result = await validateImage(ports, at(photo.length));
      expect(result).toMatchObject({ verdict: 'accepted', header: { format: 'heic', width: 3024, height: 4032 } });
      expect(ranges).toEqual([
        [0, 65_535],
        [32 + 8 + pixels.length, photo.length - 1],
      ]);
    });

    it.each([
      ['ends in its pixels', photo.subarray(0, 900_000)],
      ['ends with its pixels', photo.subarray(0, 32 + 8 + pixels.length)],
      ['ends in its header', photo.subarray(0, -100)],
      ['has no header', Buffer.concat([photo.subarray(0, 32 + 8 + pixels.length), Buffer.alloc(3000)])],
    ])('refuses one that %s', async (_what, bytes) => {
      await expect(validateImage(storeOf(bytes).ports, at(bytes.length))).resolves.toMatchObject({
        reason: { code: 'TRUNCATED_OR_CORRUPT' },
      });
    });
  });

  it('refuses an empty and an oversized file without reading a byte', async () => {
    const { ports, ranges } = storeOf(Buffer.alloc(0));
    await expect(validateImage(ports, at(0))).resolves.toMatchObject({ reason: { code: 'EMPTY_FILE' } });
    await expect(validateImage(ports, at(limits.upload.maxBytes + 1))).resolves.toMatchObject({
      reason: { code: 'TOO_MANY_BYTES' },
    });
    expect(ranges).toEqual([]);
  });

  it('refuses a bomb after the first range, with a sentence a client can show', async () => {
    const bomb = padded(pngOf(8_388_609, 3), 98_000);
    const { ports, ranges } = storeOf(bomb);
    await expect(validateImage(ports, at(bomb.length))).resolves.toEqual({
      verdict: 'rejected',
      reason: { code: 'TOO_LARGE', message: expect.stringContaining('pixels') },
    });
    expect(ranges).toHaveLength(1);
  });

  it('judges the file that is there when it is shorter than the event said', async () => {
    const { ports } = storeOf(Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0\x01', 'latin1'));
    await expect(validateImage(ports, at(5_000_000))).resolves.toMatchObject({
      reason: { code: 'TRUNCATED_OR_CORRUPT' },
    });
    await expect(validateImage(storeOf(Buffer.alloc(0)).ports, at(10))).resolves.toMatchObject({
      reason: { code: 'EMPTY_FILE' },
    });
  });

  it('lets errors of the store through: they say nothing about the image', async () => {
    const broken = new Error('SlowDown');
    const ports = { limits, readRange: () => Promise.reject(broken) };
    await expect(validateImage(ports, at(10))).rejects.toBe(broken);
  });
});
