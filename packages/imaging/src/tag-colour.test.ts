import fc from 'fast-check';
import sharp from 'sharp';
import { tagColour } from './tag-colour.ts';

const blank = sharp({ create: { width: 8, height: 8, channels: 3, background: '#369' } });
const files = { jpeg: () => blank.clone().jpeg().toBuffer(), png: () => blank.clone().png().toBuffer() };

/** Bytes in the dress of a profile: libjpeg looks at none of it. */
const profileOf = (body: Uint8Array): Buffer => {
  const profile = Buffer.alloc(128 + body.length);
  profile.writeUInt32BE(profile.length, 0);
  profile.write('mntrRGB XYZ ', 12, 'latin1');
  profile.write('acsp', 36, 'latin1');
  profile.set(body, 128);
  return profile;
};

describe('tagColour', () => {
  it.each(['jpeg', 'png'] as const)(
    'puts a profile into a %s that decoders find, and leaves its pixels',
    async (format) => {
      const { icc = Buffer.alloc(0) } = await sharp(
        await blank.clone().withIccProfile('p3').png().toBuffer(),
      ).metadata();
      const untouched = (bytes: Buffer) => sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
      const file = await files[format]();
      const tagged = tagColour(file, format, icc);
      expect(icc.length).toBeGreaterThan(128);
      expect((await sharp(tagged).metadata()).icc).toEqual(icc);
      expect(await untouched(tagged)).toEqual(await untouched(file));
    },
  );

  it('carries profiles of any size in a JPEG', async () => {
    const file = await files.jpeg();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 1, max: 255 }), async (size, byte) => {
        const icc = profileOf(new Uint8Array(size).fill(byte));
        expect((await sharp(tagColour(file, 'jpeg', icc)).metadata()).icc?.equals(icc)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves a profile out that no JPEG can hold', async () => {
    const file = await files.jpeg();
    expect(tagColour(file, 'jpeg', Buffer.alloc(17_000_000))).toBe(file);
  });
});
