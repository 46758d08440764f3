import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Make } from './job.ts';
import type { FileSettings, FileToMake } from './settings.ts';

const execute = promisify(execFile);

/**
 * The saver's options in libvips' words, for what sharp is told; `strip`, because our files carry no metadata either. AVIF of eight bits
 * even where ours has ten: libvips 8.14, which Debian has, ends in an assertion of libaom there, and eight cost it less.
 */
export const saverOptions = (settings: FileSettings): string => {
  switch (settings.format) {
    case 'avif':
      return `Q=${settings.quality},effort=${settings.effort},subsample-mode=${settings.chromaSubsampling === '4:2:0' ? 'on' : 'off'},bitdepth=8,strip`;
    case 'webp':
      return `Q=${settings.quality},effort=${settings.effort},strip`;
    case 'jpeg':
      // sharp optimises Huffman tables unless told otherwise, and subsamples at every quality.
      return `Q=${settings.quality}${settings.progressive ? ',interlace' : ''},optimize-coding,subsample-mode=on,strip`;
  }
};

/** Arguments that make one file of a photograph: `!` takes both sides as they are, the profile makes it sRGB. */
export const thumbnailArguments = (path: string, { width, height, settings }: FileToMake, output: string): string[] => [
  path,
  '--size',
  `${width}x${height}!`,
  '--export-profile',
  'srgb',
  '-o',
  `${output}.${settings.format}[${saverOptions(settings)}]`,
];

/** Its version, or undefined where the tool is not installed. */
export const vipsthumbnailVersion = (): string | undefined => {
  const { status, stdout } = spawnSync('vipsthumbnail', ['--vips-version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/** This environment without what sharp's own libvips wrote into it: with its VIPSHOME the installed one finds no AVIF saver. */
const environment = (): NodeJS.ProcessEnv => {
  const { VIPSHOME: _, ...own } = process.env;
  return { ...own, VIPS_CONCURRENCY: '1' };
};

/** One process a file, one size each, as that tool wants it. */
export const make: Make = async ({ photo, files, out }) => {
  for (const [index, file] of files.entries()) {
    const output = join(out, `vipsthumbnail-${index}`);
    await execute('vipsthumbnail', thumbnailArguments(photo.path, file, output), {
      env: environment(),
    });
  }
  return files;
};
