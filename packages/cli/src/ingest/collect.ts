import { open, readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import pLimit from 'p-limit';
import { CliError } from '../errors.ts';

export interface SourceFile {
  readonly path: string;
  /** What the report calls it: relative to the folder given, or the file's own name. */
  readonly name: string;
  readonly size: number;
  /** Declared media type: by the first bytes, else by extension. The pipeline judges by the bytes again. */
  readonly contentType: string;
}

/** Extensions that say "image", with the type to declare. Formats Darkroom refuses are here too: refusing them is its answer. */
const TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.jpe': 'image/jpeg',
  '.jfif': 'image/jpeg',
  '.png': 'image/png',
  '.apng': 'image/png',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
  '.heic': 'image/heic',
  '.heif': 'image/heif',
  '.hif': 'image/heif',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.bmp': 'image/bmp',
  '.ico': 'image/vnd.microsoft.icon',
  '.jp2': 'image/jp2',
  '.jxl': 'image/jxl',
  '.svg': 'image/svg+xml',
};

const startsWith = (head: Buffer, ...bytes: number[]): boolean => bytes.every((byte, index) => head[index] === byte);

/** The media type that the first 12 bytes tell, for the formats phones make. */
const sniff = (head: Buffer): string | undefined => {
  if (startsWith(head, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (startsWith(head, 0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (head.toString('latin1', 0, 4) === 'GIF8') return 'image/gif';
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  if (head.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  return ['avif', 'avis'].includes(head.toString('latin1', 8, 12)) ? 'image/avif' : 'image/heic';
};

const readHead = async (path: string): Promise<Buffer> => {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const describe = async (path: string, name: string): Promise<SourceFile & { looksLikeImage: boolean }> => {
  const [{ size }, head] = await Promise.all([stat(path), readHead(path)]);
  const byName = TYPES[extname(path).toLowerCase()];
  const contentType = sniff(head) ?? byName ?? 'image/x-unknown';
  return { path, name, size, contentType, looksLikeImage: contentType !== 'image/x-unknown' };
};

/** Files looked into at the same time: a folder of thousands must not run into the limit of open files (often 1,024). */
const slot = pLimit(64);

const walk = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

const expand = async (path: string): Promise<SourceFile[]> => {
  const info = await stat(path).catch((cause: unknown) => {
    throw new CliError(
      'PATH_NOT_FOUND',
      `expected a file or folder to ingest but received ${path}, which does not exist`,
      { cause },
    );
  });
  // A file that is named is sent whatever it is called; in a folder, files that neither look nor are named like images are left alone.
  if (info.isFile()) return [await describe(path, basename(path))];
  const files = await Promise.all((await walk(path)).map((file) => slot(() => describe(file, relative(path, file)))));
  return files.filter((file) => file.looksLikeImage);
};

/**
 * Every image under the paths, each once, in order of name. Throws PATH_NOT_FOUND for a path that does not exist and
 * NO_IMAGES when nothing is left to send.
 */
export const collectFiles = async (paths: readonly string[]): Promise<SourceFile[]> => {
  const found = (await Promise.all(paths.map(expand))).flat();
  const unique = [...new Map(found.map((file) => [file.path, file])).values()];
  if (unique.length > 0) return unique;
  throw new CliError('NO_IMAGES', `expected at least one image but found none in ${paths.join(', ')}`);
};
