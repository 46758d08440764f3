import { limits } from '@darkroom/types/limits';
import { fixture } from '../../../../test/support/bytes.ts';
import { inspect } from '../../inspect.ts';

const IPHONE = fixture('iphone-head.heic');
const IPHONE_BYTES = 1_630_498;
const CHEERS = fixture('cheers_1440x960.heic');

const judged = (bytes: Buffer, { fileBytes = bytes.length, rules = limits.validate } = {}) =>
  inspect(bytes, fileBytes, rules);
/** A copy with other bytes at the first place where `find` stands, `skip` bytes behind its start. */
const patched = (bytes: Buffer, find: string, { skip = 0, put }: { skip?: number; put: Buffer | string }): Buffer => {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(find, 0, 'latin1');
  if (at === -1) throw new Error(`expected ${find} in the fixture`);
  copy.set(typeof put === 'string' ? Buffer.from(put, 'latin1') : put, at + skip);
  return copy;
};
const u32s = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
};
/** `ispe` of the whole picture of the iPhone's file: the one that says 4032 × 3024. */
const iphoneSides = u32s(4032, 3024).toString('latin1');

describe('the header of a HEIC', () => {
  it('is read from the first bytes of a photograph in tiles, with the sides after the turn', () => {
    expect(judged(IPHONE, { fileBytes: IPHONE_BYTES })).toEqual({
      kind: 'header',
      header: {
        format: 'heic',
        width: 3024,
        height: 4032,
        orientation: 1,
        frames: 1,
        progressive: false,
        hasAlpha: false,
        channels: 3,
      },
    });
  });

  it('asks for more while its boxes go on, and is cut off where the file ends within them', () => {
    expect(judged(IPHONE.subarray(0, 2000), { fileBytes: IPHONE_BYTES })).toEqual({ kind: 'more' });
    expect(judged(IPHONE.subarray(0, 2000))).toEqual({ kind: 'reject', code: 'TRUNCATED_OR_CORRUPT' });
  });

  it('is that of AVIF when the brand is a common one and the items are AV1', () => {
    const avif = fixture('paris_icc_exif_xmp.avif');
    const [common, lying] = ['mif1', 'heic'].map((brand) => patched(avif, 'ftypavif', { put: `ftyp${brand}` }));
    for (const bytes of [common, lying])
      expect(judged(bytes ?? avif)).toMatchObject({ kind: 'header', header: { format: 'avif' } });
  });

  it('is that of HEIC when the brand is that of AVIF and the items are HEVC', () => {
    const lying = patched(CHEERS, 'ftyp', { skip: 4, put: 'avif' });
    expect(judged(lying)).toMatchObject({ kind: 'header', header: { format: 'heic' } });
  });

  it('is refused by name where HEIC is not taken', () => {
    const rules = { ...limits.validate, acceptedFormats: limits.validate.acceptedFormats.filter((f) => f !== 'heic') };
    expect(judged(CHEERS, { rules })).toEqual({ kind: 'reject', code: 'HEIC_UNSUPPORTED' });
  });

  it.each([
    ['more pixels than are taken', patched(IPHONE, iphoneSides, { put: u32s(10_000, 5_001) }), 'TOO_LARGE'],
    ['a side that is too long', patched(IPHONE, iphoneSides, { put: u32s(20_001, 8) }), 'TOO_LARGE'],
    // Each tile says 16 megapixels: 48 of them are unpacked, whatever the picture says.
    [
      'tiles that are larger than the picture',
      patched(IPHONE, u32s(512, 512).toString('latin1'), { put: u32s(4000, 4000) }),
      'TOO_LARGE',
    ],
    // dimg of the grid: its first tile, 1, stands where the second was.
    [
      'a tile that is used twice',
      patched(IPHONE, 'dimg', { skip: 10, put: Buffer.from([0, 1]) }),
      'UNSUPPORTED_FEATURE',
    ],
    ['no sides', patched(CHEERS, 'ispe', { put: 'free' }), 'CORRUPT_HEADER'],
    ['no column', patched(CHEERS, u32s(1440, 960).toString('latin1'), { put: u32s(0, 960) }), 'CORRUPT_HEADER'],
    ['no primary item', patched(CHEERS, 'pitm', { put: 'free' }), 'CORRUPT_HEADER'],
    ['a coding that nobody reads', patched(CHEERS, 'hvc1', { put: 'vvc1' }), 'UNSUPPORTED_FEATURE'],
    ['no picture but a film', patched(CHEERS, 'meta', { put: 'moov' }), 'UNSUPPORTED_FEATURE'],
  ])('with %s is refused', (_what, bytes, code) => {
    expect(judged(bytes)).toEqual({
      kind: 'reject',
      code,
    });
  });
});

describe('the header of an AVIF', () => {
  // av1C of the fixture (BSD-2 libavif): 8 bits; the third byte holds high_bitdepth (0x40).
  const avif = fixture('paris_icc_exif_xmp.avif');
  const sides = u32s(403, 302).toString('latin1');
  const deep = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    const at = copy.indexOf('av1C', 0, 'latin1') + 6;
    copy[at] = (copy[at] ?? 0) | 0x40;
    return copy;
  };

  it.each([
    [6000, 6000, 'header', 'reject'],
    [6240, 4160, 'header', 'header'],
    [6001, 6000, 'reject', 'reject'],
  ])('of %d × %d is taken by its bits', (width, height, eight, ten) => {
    const large = patched(avif, sides, { put: u32s(width, height) });
    expect(judged(large).kind).toBe(eight);
    expect(judged(deep(large)).kind).toBe(ten);
  });
});
