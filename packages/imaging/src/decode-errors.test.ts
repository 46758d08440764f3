import { toRejectCode } from './decode-errors.ts';

describe('toRejectCode', () => {
  // Texts as sharp 0.35.5 gave them for damaged and hostile files.
  it.each([
    ['Input buffer contains unsupported image format', 'UNSUPPORTED_FORMAT'],
    ['Input image exceeds pixel limit', 'TOO_LARGE'],
    ['Input image exceeds channel limit', 'TOO_MANY_CHANNELS'],
    ['Input buffer has corrupt header: webp2vips: unable to parse image', 'CORRUPT_HEADER'],
    ['VipsJpeg: premature end of JPEG image', 'TRUNCATED_OR_CORRUPT'],
    ['pngload_buffer: libpng read error', 'TRUNCATED_OR_CORRUPT'],
    ['webp2vips: unable to parse image', 'TRUNCATED_OR_CORRUPT'],
    ['gifload_buffer: Unexpected end of GIF source data', 'TRUNCATED_OR_CORRUPT'],
    ['Input buffer has corrupt header: gifload_buffer: Unexpected end of GIF source data', 'TRUNCATED_OR_CORRUPT'],
    ['Input buffer has corrupt header: VipsJpeg: Unsupported JPEG data precision 12', 'UNSUPPORTED_FEATURE'],
    [
      'heif: Error while loading plugin: Support for this compression format has not been built in: HEVC',
      'HEIC_UNSUPPORTED',
    ],
    ['heif: Security limit exceeded (6.1000)', 'SECURITY_LIMIT'],
    ['timeout: 42% complete', 'TOO_COMPLEX'],
    ['affine: output coordinates out of range', 'BAD_ASPECT'],
    ['Processed image is too large for the WebP format', 'BAD_ASPECT'],
    ['vips2png: unable to write to target target', 'TRUNCATED_OR_CORRUPT'],
    ['Unknown error', 'TRUNCATED_OR_CORRUPT'],
    ['', 'TRUNCATED_OR_CORRUPT'],
  ])('reads "%s" as %s', (message, code) => {
    expect(toRejectCode(new Error(message))).toBe(code);
  });

  it('leaves alone what no image is to blame for', () => {
    expect(toRejectCode(new Error('connect ECONNREFUSED 127.0.0.1:4566'))).toBeUndefined();
    expect(toRejectCode('a string')).toBeUndefined();
  });
});
