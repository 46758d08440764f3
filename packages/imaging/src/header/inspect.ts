import type { SourceFormat } from '@darkroom/types/image';
import type { Limits } from '@darkroom/types/limits';
import { parseGif } from './formats/gif.ts';
import { parseHeif } from './formats/heif/index.ts';
import { parseJpeg } from './formats/jpeg.ts';
import { parsePng } from './formats/png.ts';
import { parseWebp } from './formats/webp.ts';
import { judge } from './judge.ts';
import { type ParseHeader, type Parsed, reject } from './outcome.ts';
import { sniff } from './sniff.ts';

const parsers = ({ maxFrames, maxPixels }: Limits['validate']): Readonly<Record<SourceFormat, ParseHeader>> => ({
  jpeg: parseJpeg,
  png: parsePng,
  webp: parseWebp(maxFrames),
  gif: parseGif(maxFrames),
  avif: parseHeif(maxPixels),
  heic: parseHeif(maxPixels),
});

/**
 * Reads and judges a header from the first bytes of a file, without decoding anything: microseconds, no native code. Answers
 * `more` when the header goes on behind them, never when they are all of the file's `fileBytes`.
 */
export const inspect = (bytes: Buffer, fileBytes: number, limits: Limits['validate']): Parsed => {
  const sniffed = sniff(bytes);
  if (sniffed.kind === 'reject') return sniffed;
  const parsed = parsers(limits)[sniffed.format](bytes, fileBytes);
  if (parsed.kind === 'more') return bytes.length < fileBytes ? parsed : reject('TRUNCATED_OR_CORRUPT');
  if (parsed.kind === 'reject') return parsed;
  const code = judge(parsed.header, limits);
  return code === undefined ? parsed : reject(code);
};
