import { ImageRejected } from '@darkroom/types/rejection';
import fc from 'fast-check';
import { fixture } from '../../../test/support/pictures.ts';
import { rejectionOf } from './errors.ts';
import { decodeHeic } from './index.ts';
import { LibheifError } from './memory.ts';

const CHEERS = fixture('cheers_1440x960.heic');
const MANY = 50_000_000;

describe('decodeHeic', () => {
  it('answers rows without gaps, three channels where there is no transparency', () => {
    const { data, width, height, channels, colour } = decodeHeic(CHEERS, MANY);
    expect({ width, height, channels, bytes: data.length }).toEqual({
      width: 1440,
      height: 960,
      channels: 3,
      bytes: 1440 * 960 * 3,
    });
    expect(colour).toEqual({ icc: undefined, primaries: undefined });
  });

  it('refuses more pixels than it is told to unpack', () => {
    expect(() => decodeHeic(CHEERS, 1_000_000)).toThrow(
      expect.objectContaining({ name: 'ImageRejected', code: 'SECURITY_LIMIT' }) as Error,
    );
  });

  it('gives every file memory of its own', () => {
    const [first, second] = [decodeHeic(CHEERS, MANY), decodeHeic(CHEERS, MANY)];
    expect(first.data.buffer).not.toBe(second.data.buffer);
    expect(first.data.equals(second.data)).toBe(true);
  });

  it('refuses damaged files, or decodes them, and does nothing else', () => {
    const damage = fc.record({
      length: fc.double({ min: 0.01, max: 1, noNaN: true }),
      // Half of the flips hit the boxes, which are the first 600 bytes.
      flips: fc.array(
        fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.boolean(), fc.integer({ min: 0, max: 255 })),
        { maxLength: 5 },
      ),
    });
    fc.assert(
      fc.property(damage, ({ length, flips }) => {
        const bytes = Buffer.from(CHEERS.subarray(0, Math.ceil(CHEERS.length * length)));
        for (const [at, inBoxes, value] of flips)
          bytes[Math.floor(at * (inBoxes ? Math.min(600, bytes.length) : bytes.length))] = value;
        try {
          expect(decodeHeic(bytes, MANY).data.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ImageRejected);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('rejectionOf', () => {
  it.each([
    [new LibheifError(2, 100, 'Unexpected end of file'), 'TRUNCATED_OR_CORRUPT'],
    [new LibheifError(4, 3000, 'Unsupported codec'), 'UNSUPPORTED_FEATURE'],
    [new LibheifError(6, 1000, 'Security limit exceeded'), 'SECURITY_LIMIT'],
    [new LibheifError(7, 100, 'Decoder plugin generated an error'), 'TRUNCATED_OR_CORRUPT'],
    [new LibheifError(11, 6003, 'not built in'), 'UNSUPPORTED_FEATURE'],
    [new WebAssembly.RuntimeError('unreachable'), 'TRUNCATED_OR_CORRUPT'],
  ])('takes %s for the image', (error, code) => {
    expect(rejectionOf(error)).toMatchObject({ name: 'ImageRejected', code });
  });

  it.each([new LibheifError(5, 2001, 'a null pointer'), new TypeError('our own')])('leaves %s as it is', (error) => {
    expect(rejectionOf(error)).toBe(error);
  });
});
