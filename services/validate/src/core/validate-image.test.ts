import { limits } from '@darkroom/types/limits';
import { gifOf, jpegOf, jpegSegment, pngOf } from '../../../../packages/imaging/test/support/bytes.ts';
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
