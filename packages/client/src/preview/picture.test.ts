import fc from 'fast-check';
import sharp from 'sharp';
import { downscale } from './downscale.ts';
import { fitWithin, readPictureHead } from './picture.ts';

const solid = sharp({ create: { width: 60, height: 40, channels: 3, background: '#804020' } });

describe('readPictureHead', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('knows a still %s', async (format) => {
    const head = readPictureHead(await solid.clone().toFormat(format).toBuffer());
    expect(head?.format).toBe(format);
    if (format === 'jpeg' || format === 'png') expect(head?.size).toEqual({ width: 60, height: 40 });
  });

  it('leaves GIF, animated WebP, animated PNG and image sequences alone', async () => {
    const animatedWebp = Buffer.from('RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0', 'latin1');
    const png = await solid.clone().png().toBuffer();
    const control = Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from('acTL'), Buffer.alloc(12)]);
    const sequence = Buffer.from('\0\0\0\x1cftypavis\0\0\0\0avifavismif1', 'latin1');
    expect(readPictureHead(await solid.clone().gif().toBuffer())).toBeNull();
    expect(readPictureHead(animatedWebp)).toBeNull();
    expect(readPictureHead(Buffer.concat([png.subarray(0, 33), control, png.subarray(33)]))).toBeNull();
    expect(readPictureHead(sequence)).toBeNull();
  });

  it('never throws and always ends, whatever the bytes', async () => {
    const starts = await Promise.all(
      (['jpeg', 'png', 'webp', 'avif'] as const).map((format) => solid.clone().toFormat(format).toBuffer()),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.nat({ max: 40 }),
        fc.uint8Array({ maxLength: 80 }),
        (start, cut, rest) => {
          const head = readPictureHead(Uint8Array.from([...start.subarray(0, cut), ...rest]));
          expect(head === null || typeof head.format === 'string').toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('fitWithin', () => {
  const side = fc.integer({ min: 1, max: 60_000 });

  it('keeps the shape to the pixel and the longer side at the limit', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 5_000 }), (width, height, maxSide) => {
        const fitted = fitWithin({ width, height }, maxSide);
        if (fitted === null) {
          expect(Math.max(width, height)).toBeLessThanOrEqual(maxSide);
          return;
        }
        expect(Math.max(fitted.width, fitted.height)).toBe(maxSide);
        expect(Math.min(fitted.width, fitted.height)).toBeGreaterThanOrEqual(1);
        const scale = maxSide / Math.max(width, height);
        expect(Math.abs(fitted.width - Math.max(1, width * scale))).toBeLessThanOrEqual(0.5);
        expect(Math.abs(fitted.height - Math.max(1, height * scale))).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});

describe('downscale without a browser', () => {
  it('gives the file back as it is and says why', async () => {
    const jpeg = new Blob([Uint8Array.from(await solid.clone().jpeg().toBuffer())]);
    const gif = new Blob([Uint8Array.from(await solid.clone().gif().toBuffer())]);
    expect(await downscale(jpeg, { maxSide: 10 })).toEqual({ blob: jpeg, untouched: 'no-canvas', exif: 'untouched' });
    expect(await downscale(jpeg)).toEqual({ blob: jpeg, untouched: 'small-enough', exif: 'untouched' });
    expect((await downscale(gif, { maxSide: 10 })).untouched).toBe('animated-or-unsupported');
    expect((await downscale(new Blob([]))).untouched).toBe('animated-or-unsupported');
  });
});
