import { inspect } from '@darkroom/imaging/header/inspect';
import type { ImageHeader } from '@darkroom/types/image';
import { developedKey } from '@darkroom/types/keys';
import { ladder } from '@darkroom/types/ladder';
import { limits } from '@darkroom/types/limits';
import sharp from 'sharp';
import { difference, fixture, header, IMAGE_ID, task } from '../../../test/support/pictures.ts';
import { decodeHeic } from '../../adapters/libheif/index.ts';
import type { DecodeHeic, HeicPicture } from '../../ports.ts';
import { developHeic } from './develop-heic.ts';

/** 3 % of 255: docs/hostile-images.md, "Cases". */
const SAME = 7.65;

const IPHONE = fixture('iphone-irot-p3.heic');
const SMALL = fixture('cheers_1440x960.heic');

const headerOf = (file: Buffer): ImageHeader => {
  const parsed = inspect(file, file.length, limits.validate);
  if (parsed.kind !== 'header') throw new Error(`expected a header but received ${JSON.stringify(parsed)}`);
  return parsed.header;
};

interface Stored {
  readonly bucket: string;
  readonly key: string;
  readonly data: Buffer;
  readonly format: string;
}

/** Develops a file, and answers the result with what was stored. */
const developed = async (file: Buffer, facts = headerOf(file), decode: DecodeHeic = decodeHeic) => {
  const stored: Stored[] = [];
  const asked: unknown[] = [];
  const result = await developHeic(
    {
      readOriginal: (object) => {
        asked.push(object.key);
        return Promise.resolve(file);
      },
      putDeveloped: (object, data, format) => {
        stored.push({ bucket: object.bucket, key: object.key, data, format });
        return Promise.resolve();
      },
      decodeHeic: decode,
      ladder,
      limits: limits.validate,
    },
    { task, header: facts },
  );
  const [first] = stored;
  if (first === undefined || stored.length > 1) throw new Error(`expected one file but received ${stored.length}`);
  return { result, asked, ...first };
};

const small = (data: Buffer, turn = 0) =>
  sharp(data).toColourspace('srgb').rotate(turn).resize(48, 64, { fit: 'fill' }).png().toBuffer();

/** The file with its rotation property saying `turns` quarters anticlockwise. */
const turned = (file: Buffer, turns: number): Buffer => {
  const copy = Buffer.from(file);
  copy[copy.indexOf('irot', 0, 'latin1') + 4] = turns;
  return copy;
};

const picture = (changes: Partial<HeicPicture>): HeicPicture => ({
  data: Buffer.alloc(40 * 30 * 4, 0x80),
  width: 40,
  height: 30,
  channels: 4,
  colour: { icc: undefined, primaries: undefined },
  ...changes,
});

describe('developHeic', () => {
  it('stores one JPEG under the key that everything is made from, as wide as the widest rung', async () => {
    const { result, asked, bucket, key, data, format } = await developed(IPHONE);
    expect(asked).toEqual([task.key]);
    expect({ bucket, key, format }).toEqual({ bucket: task.bucket, key: developedKey(IMAGE_ID), format: 'jpeg' });
    expect(result).toEqual({ key, bytes: data.length });
    expect(await sharp(data).metadata()).toMatchObject({
      format: 'jpeg',
      width: 2048,
      height: 2731,
      chromaSubsampling: '4:4:4',
    });
  });

  it('is upright, once: EXIF says 6 and the properties are already followed', async () => {
    const { data } = await developed(IPHONE);
    expect(await difference(await small(data), fixture('iphone-irot-p3-upright.png'))).toBeLessThan(SAME);
  });

  it.each([
    [1, 90],
    [2, 180],
    [3, 270],
  ])('follows %d quarters of rotation', async (turns, back) => {
    const file = turned(IPHONE, turns);
    const { data } = await developed(file);
    const { width, height } = await sharp(data).metadata();
    expect(width > height).toBe(turns % 2 === 1);
    expect(await difference(await small(data, back), fixture('iphone-irot-p3-upright.png'))).toBeLessThan(SAME);
  });

  it('keeps the colour profile byte for byte, and nothing else of the file', async () => {
    const { data } = await developed(IPHONE);
    const { icc, exif, xmp, iptc, orientation } = await sharp(data).metadata();
    expect(IPHONE.includes(icc ?? 'no profile')).toBe(true);
    expect(icc?.toString('latin1').replaceAll('\0', '')).toContain('Display P3');
    expect([exif, xmp, iptc, orientation]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('enlarges nothing', async () => {
    const { data } = await developed(SMALL);
    expect(await sharp(data).metadata()).toMatchObject({ width: 1440, height: 960 });
  });

  it('names the colours of a file that says only "Display P3"', async () => {
    const colour = { icc: undefined, primaries: 12 };
    const facts = header('heic', { width: 40, height: 30 });
    const { data } = await developed(SMALL, facts, () => picture({ colour }));
    const { icc } = await sharp(data).metadata();
    // The name in a profile of ICC v4 is UTF-16, of v2 ASCII; libvips brings "sP3C".
    expect(icc?.toString('latin1').replaceAll('\0', '')).toMatch(/P3/);
  });

  it('keeps transparency, in a PNG', async () => {
    const facts = header('heic', { width: 40, height: 30, hasAlpha: true, channels: 4 });
    const { data, format } = await developed(SMALL, facts, () => picture({}));
    expect(format).toBe('png');
    expect((await sharp(data).raw().toBuffer()).subarray(0, 4)).toEqual(Buffer.alloc(4, 0x80));
  });

  it('refuses a picture whose sides are not those of its header', async () => {
    await expect(developed(SMALL, { ...headerOf(SMALL), width: 960, height: 1440 })).rejects.toMatchObject({
      name: 'ImageRejected',
      code: 'TRUNCATED_OR_CORRUPT',
    });
  });

  // Behind 95 % of this file there is only its thumbnail.
  it.each([0.05, 0.5, 0.9])('refuses a file that ends after %d of its bytes', async (share) => {
    const cut = SMALL.subarray(0, Math.ceil(SMALL.length * share));
    await expect(developed(cut, headerOf(SMALL))).rejects.toMatchObject({ name: 'ImageRejected' });
  });
});
