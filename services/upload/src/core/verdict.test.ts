import { readFileSync } from 'node:fs';
import { limits } from '@darkroom/types/limits';
import { fixture, gifOf, jpegOf, jpegSegment, pngOf } from '../../../../packages/imaging/test/support/bytes.ts';
import { IMAGE_ID } from '../../test/support/fixtures.ts';
import { createMemoryStore } from '../../test/support/memory-store.ts';
import { judgeHead, readHead } from './verdict.ts';

const HEAD = limits.validate.headerBytes;
const sample = (name: string): Buffer =>
  readFileSync(new URL(`../../../../packages/cli/samples/${name}`, import.meta.url));
const film = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0isommp42', 'latin1'), Buffer.alloc(200)]);

/** The code that a file's first 64 KiB are refused with, or undefined. */
const codeOf = (bytes: Uint8Array, fileBytes = bytes.length): unknown => {
  try {
    judgeHead(bytes.subarray(0, HEAD), fileBytes, limits.validate);
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('judgeHead', () => {
  it.each([
    'htc-desire.webp',
    'kodak-22.png',
    'nokia-lumia-800.jpg',
    'orientation-6.jpg',
    'paris.avif',
    'samsung-j3.jpg',
  ])('finds nothing wrong with the beginning of %s', (name) => {
    expect(codeOf(sample(name))).toBeUndefined();
  });

  it.each(['pngsuite__basi3p01.png', 'muybridge.apng', 'cheers_1440x960.heic', 'colors-animated-8bpc.avif'])(
    'finds nothing wrong with %s, which is shorter',
    (name) => {
      expect(codeOf(fixture(name))).toBeUndefined();
    },
  );

  it.each([
    ['a film', film, 'UNSUPPORTED_FORMAT'],
    ['a little-endian TIFF', Buffer.from('II*\0\x08\0\0\0\0\0\0\0', 'latin1'), 'UNSUPPORTED_FORMAT'],
    ['a big-endian TIFF', Buffer.from('MM\0*\0\0\0\x08\0\0\0\0', 'latin1'), 'UNSUPPORTED_FORMAT'],
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n', 'latin1'), 'UNSUPPORTED_FORMAT'],
    ['zeros', Buffer.alloc(HEAD), 'UNSUPPORTED_FORMAT'],
    ['a PNG of 30,000 × 30,000 pixels', pngOf(30_000, 30_000), 'TOO_LARGE'],
    ['a JPEG without sides', jpegOf({ width: 0, height: 0 }), 'CORRUPT_HEADER'],
    ['an animation of 201 frames', gifOf(201), 'TOO_MANY_FRAMES'],
    ['a lossless JPEG', jpegOf({ marker: 0xc3 }), 'UNSUPPORTED_FEATURE'],
  ])('refuses %s with its reason code and status 409', (_, bytes, code) => {
    const judge = () => judgeHead(bytes, 5_000_000, limits.validate);

    expect(judge).toThrow(expect.objectContaining({ code, status: 409 }) as Error);
  });

  it.each([
    ['as many pixels as a PNG may have', 10_000, 10_000, undefined],
    ['a column more', 10_001, 10_000, 'TOO_LARGE'],
    ['the longest side', 20_000, 1, undefined],
    ['a longer side', 20_001, 1, 'TOO_LARGE'],
  ])('judges a PNG with %s', (_, width, height, code) => {
    expect(codeOf(pngOf(width, height), 5_000_000)).toBe(code);
  });

  describe('of a header that goes on behind the first 64 KiB', () => {
    const bytes = jpegOf({}, [jpegSegment(0xe2, Buffer.alloc(65_000)), jpegSegment(0xe2, Buffer.alloc(65_000))]);

    it('waits for the rest of the file', () => {
      expect(codeOf(bytes)).toBeUndefined();
    });

    it('refuses it when those are all bytes of the file', () => {
      expect(codeOf(bytes, HEAD)).toBe('TRUNCATED_OR_CORRUPT');
    });
  });

  it('looks at its own bytes alone when they are a view of a larger buffer', () => {
    const around = Buffer.concat([Buffer.alloc(7, 0xff), pngOf(64, 48), Buffer.alloc(9, 0xff)]);

    expect(codeOf(new Uint8Array(around.buffer, around.byteOffset + 7, around.length - 16))).toBeUndefined();
  });
});

describe('readHead', () => {
  const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz');
  const storeWith = (...cuts: readonly (readonly [offset: number, end: number])[]) => {
    const store = createMemoryStore();
    for (const [offset, end] of cuts) store.put(offset, bytes.subarray(offset, end));
    return store;
  };

  it('reads the first bytes of one chunk, and asks for no more of it', async () => {
    const store = storeWith([0, 26]);
    const asked: unknown[] = [];
    const read: typeof store.readChunk = (...args) => {
      asked.push(args);
      return store.readChunk(...args);
    };

    const head = await readHead(read, IMAGE_ID, 10);

    expect(head).toEqual(bytes.subarray(0, 10));
    expect(asked).toEqual([[IMAGE_ID, 0, 10]]);
  });

  it('puts the first bytes together from chunks that are smaller, and asks for no more of the last', async () => {
    const store = storeWith([0, 3], [3, 4], [4, 20]);
    const asked: unknown[] = [];
    const read: typeof store.readChunk = (imageId, ...rest) => {
      asked.push(rest);
      return store.readChunk(imageId, ...rest);
    };

    const head = await readHead(read, IMAGE_ID, 10);

    expect(head).toEqual(bytes.subarray(0, 10));
    expect(asked).toEqual([
      [0, 10],
      [3, 7],
      [4, 6],
    ]);
  });

  it('takes no more than it wants from a store that answers more', async () => {
    const store = storeWith([0, 26]);

    const head = await readHead((imageId, offset) => store.readChunk(imageId, offset), IMAGE_ID, 10);

    expect(head).toEqual(bytes.subarray(0, 10));
  });

  it.each([
    ['nothing has arrived', storeWith()],
    ['the first chunk has not arrived', storeWith([5, 26])],
    ['a chunk is missing', storeWith([0, 3], [6, 26])],
    ['the last byte is missing', storeWith([0, 9])],
  ])('answers nothing while %s', async (_, store) => {
    await expect(readHead(store.readChunk, IMAGE_ID, 10)).resolves.toBeUndefined();
  });

  it('fails when the read does', async () => {
    await expect(readHead(() => Promise.reject(new Error('down')), IMAGE_ID, 10)).rejects.toThrow('down');
  });
});
