import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { UploadSource } from '../contract.ts';

/** Media types by extension. The bytes decide on the server; this is what the client believes. */
const TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.jpe': 'image/jpeg',
  '.png': 'image/png',
  '.apng': 'image/apng',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
  '.heic': 'image/heic',
  '.heif': 'image/heif',
  '.hif': 'image/heif',
};
/** For a name that says nothing: the API wants an image type and looks for itself. */
const UNKNOWN = 'image/jpeg';

export interface FileSourceOptions {
  /** Default: by the name's extension. */
  readonly type?: string;
  /** Default: the last part of the path; null for none. */
  readonly name?: string | null;
}

/**
 * A file on disk. It is opened for each read, so that thousands of sources cost no descriptors, and each read checks that size
 * and time of change are still the same. Rejects when the path is not a file that can be read.
 */
export const fileSource = async (path: string, options: FileSourceOptions = {}): Promise<UploadSource> => {
  const absolute = resolve(path);
  const facts = await stat(absolute);
  if (!facts.isFile()) throw new Error(`expected a file for path but received ${absolute}`);
  const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    const handle = await open(absolute, constants.O_RDONLY);
    try {
      const now = await handle.stat();
      if (now.size !== facts.size || now.mtimeMs !== facts.mtimeMs)
        throw new Error(`expected ${absolute} as it was but it has changed`);
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) return bytes.slice(0, at);
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  };
  return {
    size: facts.size,
    type: options.type ?? TYPES[extname(absolute).toLowerCase()] ?? UNKNOWN,
    name: options.name === undefined ? basename(absolute) : options.name,
    fingerprint: `path:${absolute}:${facts.size}:${facts.mtimeMs}`,
    read,
  };
};
