import type { RejectCode } from '@darkroom/types/codes';

/**
 * What libvips says → what it means for the image. First match wins. Texts seen with sharp 0.35.5 over 6,242 damaged and
 * hostile files (docs/hostile-images.md, "Decoder messages"); check again at each upgrade of sharp.
 */
export const decodeErrors: readonly (readonly [text: RegExp, code: RejectCode])[] = [
  [/unsupported image format/i, 'UNSUPPORTED_FORMAT'],
  // Loader blocked by hardenSharp().
  [/operation is blocked/i, 'UNSUPPORTED_FORMAT'],
  [/exceeds pixel limit/i, 'TOO_LARGE'],
  [/exceeds channel limit/i, 'TOO_MANY_CHANNELS'],
  [/compression format has not been built in/i, 'HEIC_UNSUPPORTED'],
  [/unsupported jpeg (data precision|process)|unsupported (feature|codec)|not supported/i, 'UNSUPPORTED_FEATURE'],
  [/security limit/i, 'SECURITY_LIMIT'],
  [/timeout: \d+%/i, 'TOO_COMPLEX'],
  [
    /output coordinates out of range|too large for the (webp|heif|avif|jpeg)|processed image is too large/i,
    'BAD_ASPECT',
  ],
  // Before "corrupt header", which libvips puts in front of what its decoders say.
  [/premature end|out of order read|libpng read error|libspng read error|unexpected end/i, 'TRUNCATED_OR_CORRUPT'],
  [/corrupt header/i, 'CORRUPT_HEADER'],
  [/unable to (parse|read|decode|load) |invalid |corrupt|bad (data|huffman|seek)|bogus/i, 'TRUNCATED_OR_CORRUPT'],
  [/^(vipsjpeg|pngload|webp2vips|gifload|heif|source|nsgif|spng|VipsJpeg)\w*:/i, 'TRUNCATED_OR_CORRUPT'],
  // A PNG that we write to memory for its profile's sake cannot fail but for the picture that is decoded into it.
  [/^vips2png: unable to write to target/i, 'TRUNCATED_OR_CORRUPT'],
  // libvips fails without a word on some damaged files.
  [/^\s*(unknown error)?\s*$/i, 'TRUNCATED_OR_CORRUPT'],
];

/** The reason that an error of the decoder stands for, or undefined when the image is not to blame. */
export const toRejectCode = (error: unknown): RejectCode | undefined => {
  if (!(error instanceof Error)) return undefined;
  return decodeErrors.find(([text]) => text.test(error.message))?.[1];
};
