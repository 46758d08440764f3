import sharp from 'sharp';
import { decoding, openImage } from './open.ts';
import { conversionOf, inOwnNumbers, readFacts } from './own-numbers.ts';
import { tagColour } from './tag-colour.ts';

/** A grey of 120, in so many bits, with the profile that sharp has for it. */
const deepGrey = () =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: '#787878' } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
const p3 = async (colourspace: 'srgb' | 'rgb16') =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: '#c8783c' } })
    .toColourspace(colourspace)
    .withIccProfile('p3')
    .png()
    .toBuffer();
const open = (file: Buffer) => openImage(file, { format: 'png', progressive: false }, { ignoreIcc: true });

describe('pixels in their own numbers', () => {
  it.each(['srgb', 'rgb16'] as const)(
    'of %s come as eight bits with the same numbers and the same profile',
    async (space) => {
      const file = await p3(space);
      const facts = await sharp(file).metadata();
      const { data } = await inOwnNumbers(open(file), facts);
      const made = await sharp(data).metadata();
      expect(made).toMatchObject({ depth: 'uchar', channels: 3 });
      expect(made.icc).toEqual(facts.icc);
      const [numbers, expected] = [await open(data).raw().toBuffer(), await open(file).raw().toBuffer()];
      expect([...numbers.subarray(0, 3)]).toEqual([...expected.subarray(0, 3)]);
    },
  );

  it('of grey stay grey, so that a profile for grey fits', async () => {
    const file = await deepGrey();
    const { data } = await inOwnNumbers(open(file), await sharp(file).metadata());
    expect(await sharp(data).metadata()).toMatchObject({ depth: 'uchar', channels: 1, space: 'b-w' });
  });

  // Samsung's profiles in HEIC end with two bytes that are not theirs; libpng fails on such.
  it('keep a profile that has bytes behind its end, without them', async () => {
    const file = await p3('srgb');
    const { icc } = await sharp(file).metadata();
    const bare = await open(file).jpeg().toBuffer();
    const longer = tagColour(bare, 'jpeg', Buffer.concat([icc ?? Buffer.alloc(0), Buffer.alloc(2)]));
    const facts = await sharp(longer).metadata();
    expect(facts.icc).toHaveLength((icc?.length ?? 0) + 2);
    const image = openImage(longer, { format: 'jpeg', progressive: false }, { ignoreIcc: true });
    const { data } = await inOwnNumbers(image, facts);
    expect((await sharp(data).metadata()).icc).toEqual(icc);
  });

  // libvips says nothing of a checksum that is wrong; what it says when it writes a PNG of such a picture blames the PNG.
  it('of a damaged file are refused as damaged', async () => {
    const file = await p3('rgb16');
    file[29] = (file[29] ?? 0) ^ 0xff;
    const facts = await readFacts(file, { format: 'png', progressive: false });
    await expect(decoding(() => inOwnNumbers(open(file), facts))).rejects.toMatchObject({
      code: 'TRUNCATED_OR_CORRUPT',
    });
  });

  it.each([0, 3, 127, 200])('do without a profile of %d bytes of nonsense', async (bytes) => {
    const file = await p3('srgb');
    const { data } = await inOwnNumbers(open(file), { icc: Buffer.alloc(bytes, 7), space: 'srgb' });
    expect(await sharp(data).raw().toBuffer()).toHaveLength(48);
  });
});

describe('readFacts', () => {
  const header = { format: 'png', progressive: false } as const;

  it('leaves eight bits to sharp, and takes sixteen with a profile upon itself', async () => {
    const [eight, sixteen] = await Promise.all(
      [p3('srgb'), p3('rgb16')].map(async (file) => readFacts(await file, header)),
    );
    expect([eight?.isOursToConvert, sixteen?.isOursToConvert]).toEqual([false, true]);
    expect((await readFacts(await deepGrey(), header)).isOursToConvert).toBe(false);
  });
});

const picture = (channels: 3 | 4 = 3) => sharp({ create: { width: 4, height: 3, channels, background: '#369' } });
const png = { format: 'png', progressive: false } as const;
const jpeg = { format: 'jpeg', progressive: false } as const;

describe('conversionOf', () => {
  it.each([
    ['nothing where no profile says otherwise', () => picture().png(), png, 'libvips'],
    ['nothing of sRGB by its profile', () => picture().withIccProfile('srgb').png(), png, 'none'],
    ['after the resize of Display P3', () => picture().withIccProfile('p3').png(), png, 'convert'],
    ['as libvips does of CMYK', () => picture().withIccProfile('cmyk').jpeg(), jpeg, 'libvips'],
  ] as const)('says: %s', async (_what, make, header, wanted) => {
    const facts = await readFacts(await make().toBuffer(), header);
    expect(conversionOf(facts)).toBe(wanted);
  });

  it('leaves nothing of 16 bits to libvips, whatever its profile is', async () => {
    const deep = await picture().toColourspace('rgb16').withIccProfile('p3').png().toBuffer();
    const facts = await readFacts(deep, png);
    expect(facts.depth).toBe('ushort');
    expect(conversionOf(facts)).toBe('convert');
    expect(conversionOf({ ...facts, icc: Buffer.from('no profile') })).toBe('convert');
  });
});
